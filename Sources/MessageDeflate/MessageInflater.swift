internal import CZlib
public import NIOCore

/// Inflates one message after the other, each by itself, never beyond a limit.
///
/// Its memory (about 40 KiB) is taken with the first message; one serves all connections of a loop. Not thread-safe.
public final class MessageInflater {
    public enum Failure: Error, Equatable {
        /// More than the limit would come out. No more than the limit was inflated.
        case tooLarge
        /// Not DEFLATE (RFC 1951), or cut off.
        case malformed
        case outOfMemory
    }

    private static let chunk = 16_384

    private var stream: UnsafeMutablePointer<z_stream>?

    public init() {}

    deinit {
        guard let stream = self.stream else { return }
        inflateEnd(stream)
        stream.deallocate()
    }

    /// What was compressed into a message's payload.
    ///
    /// - Parameter limit: bytes of the result at most.
    public func inflate(_ payload: ByteBuffer, limit: Int) throws(Failure) -> ByteBuffer {
        let stream = try self.ready()
        var output = ByteBuffer()
        output.reserveCapacity(min(limit, max(4 * payload.readableBytes, 256)))
        try self.feed(stream, payload, into: &output, limit: limit)
        try self.feed(stream, ByteBuffer(bytes: MessageDeflater.tail), into: &output, limit: limit)
        // Bit 7: the last thing read was the end of a block. Else the message is cut off, and ate the tail.
        guard stream.pointee.data_type & 128 != 0 else { throw .malformed }
        return output
    }

    private func feed(
        _ stream: UnsafeMutablePointer<z_stream>, _ input: ByteBuffer, into output: inout ByteBuffer, limit: Int
    ) throws(Failure) {
        let failure: Failure? = input.withUnsafeReadableBytes { bytes in
            stream.pointee.setInput(bytes)
            repeat {
                // One byte beyond the limit tells a message that is too large from one that just fits.
                let room = min(Self.chunk, limit + 1 - output.readableBytes)
                var status = Z_OK
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { free in
                    stream.pointee.setOutput(UnsafeMutableRawBufferPointer(rebasing: free[..<room]))
                    status = CZlib.inflate(stream, Z_SYNC_FLUSH)
                    return room - Int(stream.pointee.avail_out)
                }
                if output.readableBytes > limit { return .tooLarge }
                switch status {
                case Z_OK: break
                // Nothing more to read and nothing more to write: that is the end of what we have.
                case Z_BUF_ERROR where stream.pointee.avail_in == 0: return nil
                // A block may say that it is the last; another may follow all the same (section 7.2.3.4).
                case Z_STREAM_END:
                    guard inflateReset(stream) == Z_OK else { return .malformed }
                default: return .malformed
                }
            } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
            return nil
        }
        if let failure { throw failure }
    }

    private func ready() throws(Failure) -> UnsafeMutablePointer<z_stream> {
        if let stream = self.stream {
            guard inflateReset(stream) == Z_OK else { throw .malformed }
            return stream
        }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            stream.deallocate()
            throw .outOfMemory
        }
        self.stream = stream
        return stream
    }
}

@available(*, unavailable)
extension MessageInflater: Sendable {}
