import MessageDeflate
import NIOCore

/// An inflater for each event loop, shared by its connections: none of them keeps anything from message to message.
struct LoopInflaters: Sendable {
    private let inflaters: [ObjectIdentifier: NIOLoopBoundBox<MessageInflater?>]

    init(for group: any EventLoopGroup) {
        self.inflaters = Dictionary(
            uniqueKeysWithValues: group.makeIterator().map { eventLoop in
                (ObjectIdentifier(eventLoop), .makeEmptyBox(valueType: MessageInflater.self, eventLoop: eventLoop))
            }
        )
    }

    /// Must be called on that event loop.
    subscript(eventLoop: any EventLoop) -> MessageInflater? {
        guard let box = self.inflaters[ObjectIdentifier(eventLoop)] else { return nil }
        if let inflater = box.value { return inflater }
        let inflater = MessageInflater()
        box.value = inflater
        return inflater
    }
}
