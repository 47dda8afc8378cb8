import CZlib
import NIOCore

/// Compressing whole files for `Content-Encoding: gzip` (RFC 1952).
enum Gzip {
    /// zlib writes gzip's header and trailer instead of its own from 16 on.
    private static let windowBits: Int32 = 15 + 16

    /// - Returns: `nil` when that would not be shorter, or zlib has no memory.
    static func compress(_ input: ByteBuffer) -> ByteBuffer? {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        let status = deflateInit2_(
            &stream, Z_BEST_COMPRESSION, Z_DEFLATED, Self.windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        guard status == Z_OK, input.readableBytes > 0 else { return nil }
        defer { deflateEnd(&stream) }
        let room = input.readableBytes
        var output = ByteBuffer()
        let written = input.withUnsafeReadableBytes { bytes in
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { free in
                // zlib does not write to its input; its type is older than `const`.
                stream.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
                stream.avail_in = UInt32(bytes.count)
                stream.next_out = free.bindMemory(to: UInt8.self).baseAddress
                stream.avail_out = UInt32(room)
                guard deflate(&stream, Z_FINISH) == Z_STREAM_END else { return 0 }
                return room - Int(stream.avail_out)
            }
        }
        return written > 0 ? output : nil
    }
}
