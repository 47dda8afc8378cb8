public import ChatProtocol
public import NIOCore

/// The sending half of a session's connection, as its rules see it. Confined to the session's event loop.
public protocol SessionOutput: AnyObject {
    /// Its place in the loop's ``Broadcaster``; does not change while its session is in a room.
    var slot: OutputSlot { get }

    /// Queues bytes that are already in the session's encoding; they leave with the next ``flush()``.
    ///
    /// Bounded: what does not fit closes the session as a slow consumer, or, when it is ephemeral, is dropped.
    func write(_ frames: ByteBuffer, ephemeral: Bool)

    /// Sends entries that many sessions get alike: at once where nothing is queued before them, else queued like any
    /// other bytes. The order of calls is the order on the wire.
    func deliver(_ frames: ByteBuffer)

    /// Sends what is queued.
    func flush()

    /// Sends what is queued, then closes.
    func close(_ code: CloseCode, reason: String)

    /// Asks the peer for a sign of life.
    func ping()
}

extension SessionOutput {
    public var slot: OutputSlot { .none }

    public func deliver(_ frames: ByteBuffer) {
        self.write(frames, ephemeral: false)
    }
}
