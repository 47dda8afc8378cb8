import NIOCore

/// Memory for the payloads of short frames, used again for each as soon as nobody holds the one before. What is read by
/// all connections of an event loop stays in the caches so.
///
/// Confined to its event loop.
package final class PayloadMemory {
    /// Of this size or less are nearly all frames. A longer one gets memory of its own.
    private static let size = 4_096

    private var buffer = ByteBuffer()

    package init() {}

    /// A buffer of exactly `count` bytes.
    ///
    /// - Parameter isPassing: whether it will hardly be held for longer than until the next one.
    func buffer(
        of count: Int, isPassing: Bool, _ write: (UnsafeMutableRawBufferPointer) -> Void
    ) -> ByteBuffer {
        guard isPassing, count <= Self.size else {
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            Self.fill(&buffer, count, write)
            return buffer
        }
        self.buffer.clear(minimumCapacity: Self.size)
        Self.fill(&self.buffer, count, write)
        return self.buffer
    }

    private static func fill(
        _ buffer: inout ByteBuffer, _ count: Int, _ write: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
            write(target)
            return count
        }
    }
}

@available(*, unavailable)
extension PayloadMemory: Sendable {}
