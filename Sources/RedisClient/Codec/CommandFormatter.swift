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
        guard !arguments.isEmpty else { return nil }
        // In one piece: a buffer looks before each write whether it may, and a command has many small parts.
        return output.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.length(arguments)) { target in
            var cursor = WriteCursor(target)
            cursor.write(line: UInt8(ascii: "*"), arguments.count)
            for argument in arguments {
                cursor.write(line: UInt8(ascii: "$"), argument.byteCount)
                cursor.write(argument)
                cursor.writeLineEnd()
            }
            return cursor.index
        }
    }

    private static func length(_ arguments: [RedisArgument]) -> Int {
        arguments.reduce(Int64(arguments.count).decimalCount + 3) { length, argument in
            let count = argument.byteCount
            return length + count + Int64(count).decimalCount + 5
        }
    }
}

/// Where the next byte of a command goes. The memory is large enough for all of it.
private struct WriteCursor {
    private let target: UnsafeMutableRawBufferPointer
    private(set) var index = 0

    init(_ target: UnsafeMutableRawBufferPointer) {
        self.target = target
    }

    mutating func write(line mark: UInt8, _ number: Int) {
        self.target[self.index] = mark
        self.index += 1
        self.write(Int64(number))
        self.writeLineEnd()
    }

    mutating func writeLineEnd() {
        self.target[self.index] = UInt8(ascii: "\r")
        self.target[self.index + 1] = UInt8(ascii: "\n")
        self.index += 2
    }

    mutating func write(_ argument: RedisArgument) {
        switch argument.storage {
        case .text(var text): text.withUTF8 { self.write(UnsafeRawBufferPointer($0)) }
        case .number(let number): self.write(number)
        case .buffer(let buffer): buffer.withUnsafeReadableBytes { self.write($0) }
        case .bytes(let bytes): bytes.withUnsafeBytes { self.write($0) }
        }
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: self.target[self.index...]).copyMemory(from: bytes)
        self.index += bytes.count
    }

    private mutating func write(_ number: Int64) {
        let count = number.decimalCount
        var rest = number.magnitude
        for place in stride(from: self.index + count - 1, through: self.index + (number < 0 ? 1 : 0), by: -1) {
            self.target[place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        if number < 0 { self.target[self.index] = UInt8(ascii: "-") }
        self.index += count
    }
}

extension [RedisArgument] {
    /// About how long the command gets: the arguments and their length lines.
    var estimatedCommandBytes: Int {
        reduce(16) { $0 + $1.byteCount + 16 }
    }
}
