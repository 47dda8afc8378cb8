internal import CZlib
public import NIOCore

/// Compresses one message after the other, each by itself: what RFC 7692 calls no context takeover.
///
/// Whatever is compressed alone can be given to any number of connections, so a loop needs one of these, not each of its
/// connections one. Its memory (about 40 KiB at 12 window bits) is taken with the first message. Not thread-safe.
public final class MessageDeflater {
    private let windowBits: Int32
    private let level: Int32
    private var stream: UnsafeMutablePointer<z_stream>?

    /// - Parameters:
    ///   - windowBits: 9–15: how far back, as a power of two, a repetition may lie. The receiver must keep as much.
    ///   - level: zlib's 1 (fast) to 9 (small).
    public init(windowBits: Int, level: Int) {
        self.windowBits = Int32(min(max(windowBits, 9), 15))
        self.level = Int32(min(max(level, 1), 9))
    }

    deinit {
        guard let stream = self.stream else { return }
        deflateEnd(stream)
        stream.deallocate()
    }

    /// The message compressed, without the four bytes that end every such message (RFC 7692, section 7.2.1).
    ///
    /// - Returns: `nil` when that would not be shorter than the message, or zlib has no memory: send it as it is.
    public func deflate(_ message: ByteBuffer) -> ByteBuffer? {
        guard let stream = self.ready() else { return nil }
        // Shorter by at least one byte, or not at all: more room than that is not needed.
        let room = message.readableBytes + Self.tail.count - 1
        var output = ByteBuffer()
        output.reserveCapacity(room)
        let isWhole = message.withUnsafeReadableBytes { input in
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { free in
                stream.pointee.setInput(input)
                stream.pointee.setOutput(UnsafeMutableRawBufferPointer(rebasing: free[..<room]))
                let status = CZlib.deflate(stream, Z_SYNC_FLUSH)
                // A full output may hide bytes that are still to come.
                guard status == Z_OK, stream.pointee.avail_in == 0, stream.pointee.avail_out > 0 else { return 0 }
                return room - Int(stream.pointee.avail_out)
            } > 0
        }
        guard isWhole, output.readableBytes > Self.tail.count else { return nil }
        output.moveWriterIndex(to: output.writerIndex - Self.tail.count)
        return output
    }

    /// What a flush ends with: an empty block without compression.
    static let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]

    private func ready() -> UnsafeMutablePointer<z_stream>? {
        if let stream = self.stream { return deflateReset(stream) == Z_OK ? stream : nil }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Small hash chains: resetting them is most of what a short message costs.
        let memoryLevel: Int32 = self.windowBits < 12 ? 3 : 5
        let status = deflateInit2_(
            stream, self.level, Z_DEFLATED, -self.windowBits, memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard status == Z_OK else {
            stream.deallocate()
            return nil
        }
        self.stream = stream
        return stream
    }
}

@available(*, unavailable)
extension MessageDeflater: Sendable {}

extension z_stream {
    /// zlib reads what it is given and never writes to it; its type dates from before `const`.
    mutating func setInput(_ bytes: UnsafeRawBufferPointer) {
        self.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
        self.avail_in = UInt32(bytes.count)
    }

    mutating func setOutput(_ bytes: UnsafeMutableRawBufferPointer) {
        self.next_out = bytes.bindMemory(to: UInt8.self).baseAddress
        self.avail_out = UInt32(bytes.count)
    }
}
