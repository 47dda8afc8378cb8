public import NIOCore

/// Sends the same bytes to many outputs of one event loop.
///
/// To ask a thousand outputs, one by one, is to fetch a thousand objects from all over the memory. One that knows them all
/// keeps what a delivery has to know side by side.
public protocol Broadcaster: AnyObject {
    /// What ``SessionOutput/deliver(_:)`` of each output would do, in their order.
    ///
    /// - Parameters:
    ///   - slots: those of the outputs.
    ///   - outputs: the outputs, for where a slot is not enough.
    func deliver(_ frames: ByteBuffer, to slots: [OutputSlot], outputs: () -> [any SessionOutput])
}

/// An output's place in its loop's ``Broadcaster``.
public struct OutputSlot: Sendable, Equatable {
    public let index: Int32
    /// Places are given again; whoever keeps one for too long must not reach the next output there.
    public let generation: UInt32

    public init(index: Int32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// Of an output that the broadcaster does not know: it is asked itself.
    public static let none = OutputSlot(index: -1, generation: 0)
}
