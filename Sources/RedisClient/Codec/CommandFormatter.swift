package import NIOCore

/// Formats commands for Redis: an array of bulk strings.
/// https://redis.io/docs/latest/develop/reference/protocol-spec/#sending-commands-to-a-redis-server
///
/// It writes what hiredis' `redisFormatCommandArgv` does (the tests compare the two), but straight into the link's
/// buffer: hiredis prints each length with `sprintf` and returns the command in memory of its own, which took more time
/// than everything else that is done to send a message.
package enum CommandFormatter {
    /// Appends `arguments` as one command to `output`.
    ///
    /// - Returns: the number of bytes appended; `nil` when there is no argument.
    package static func append(_ arguments: [RedisArgument], to output: inout ByteBuffer) -> Int? {
        append(count: arguments.count, byteLimit: arguments.estimatedCommandBytes, to: &output) { cursor in
            for argument in arguments { cursor.write(argument) }
        }
    }

    /// Appends a command of `count` arguments, which `write` writes one by one.
    ///
    /// - Parameter byteLimit: bytes of the whole command, at most.
    /// - Returns: the number of bytes appended; `nil`, and nothing is appended, when these are more bytes, or no arguments,
    ///   or another number of them.
    package static func append(
        count: Int, byteLimit: Int, to output: inout ByteBuffer, _ write: (inout CommandCursor) -> Void
    ) -> Int? {
        guard count > 0 else { return nil }
        // In one piece: a buffer looks before each write whether it may, and a command has many small parts.
        let length = output.writeWithUnsafeMutableBytes(minimumWritableBytes: byteLimit) { target in
            var cursor = CommandCursor(UnsafeMutableRawBufferPointer(rebasing: target[..<byteLimit]))
            cursor.writeHead(arguments: count)
            write(&cursor)
            guard let written = cursor.written, written.arguments == count else { return 0 }
            return written.bytes
        }
        return length > 0 ? length : nil
    }
}

extension [RedisArgument] {
    /// How long the command gets, or a little more: the arguments and their length lines.
    var estimatedCommandBytes: Int {
        // `$`, up to 19 digits and two line ends; as much for the head.
        reduce(24) { $0 + $1.byteCount + 24 }
    }
}
