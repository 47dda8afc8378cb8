internal import CHiredis
internal import NIOCore

/// Formats commands with hiredis. Keeps its scratch space, so one formatter serves one link.
struct CommandFormatter {
    private var bytes: [UInt8] = []
    private var lengths: [Int] = []
    private var pointers: [UnsafePointer<CChar>?] = []

    /// Appends `arguments` as one command to `output`.
    ///
    /// - Returns: the number of bytes appended; `nil` when there was no memory for them, or no argument.
    mutating func append(_ arguments: [RedisArgument], to output: inout ByteBuffer) -> Int? {
        bytes.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        for argument in arguments {
            let start = bytes.count
            argument.append(to: &bytes)
            lengths.append(bytes.count - start)
        }
        defer { releaseLargeScratch() }
        return format(to: &output)
    }

    private mutating func format(to output: inout ByteBuffer) -> Int? {
        guard let count = Int32(exactly: lengths.count), count > 0 else { return nil }
        var formatted: UnsafeMutablePointer<CChar>?
        let length = bytes.withUnsafeBytes { scratch -> Int in
            pointers.removeAll(keepingCapacity: true)
            var offset = 0
            for length in lengths {
                // An empty scratch has no address; an empty argument needs none.
                pointers.append((scratch.baseAddress.map { $0 + offset })?.assumingMemoryBound(to: CChar.self))
                offset += length
            }
            return Int(redisFormatCommandArgv(&formatted, count, &pointers, lengths))
        }
        guard length > 0, let formatted else { return nil }
        defer { redisFreeCommand(formatted) }
        return output.writeBytes(UnsafeRawBufferPointer(start: formatted, count: length))
    }

    /// One large value must not hold its memory for as long as the link lives.
    private mutating func releaseLargeScratch() {
        if bytes.capacity > 256 * 1024 { bytes = [] }
    }
}

extension [RedisArgument] {
    /// About how long the command gets: the arguments and their length lines.
    var estimatedCommandBytes: Int {
        reduce(16) { $0 + $1.byteCount + 16 }
    }
}
