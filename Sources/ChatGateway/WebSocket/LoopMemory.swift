import MessageDeflate
import NIOCore

/// What the connections of one event loop share to read with: none of them keeps anything there from message to message.
///
/// Confined to its event loop.
final class LoopMemory {
    let payloads = PayloadMemory()
    /// Made for the first connection that agrees on compression.
    lazy var inflater = MessageInflater()
}

@available(*, unavailable)
extension LoopMemory: Sendable {}

/// The memory of each event loop of a group.
struct LoopMemories: Sendable {
    private let memories: [ObjectIdentifier: NIOLoopBoundBox<LoopMemory?>]

    init(for group: any EventLoopGroup) {
        self.memories = Dictionary(
            uniqueKeysWithValues: group.makeIterator().map { eventLoop in
                (ObjectIdentifier(eventLoop), .makeEmptyBox(valueType: LoopMemory.self, eventLoop: eventLoop))
            }
        )
    }

    /// Must be called on that event loop.
    subscript(eventLoop: any EventLoop) -> LoopMemory {
        guard let box = self.memories[ObjectIdentifier(eventLoop)] else { return LoopMemory() }
        if let memory = box.value { return memory }
        let memory = LoopMemory()
        box.value = memory
        return memory
    }
}
