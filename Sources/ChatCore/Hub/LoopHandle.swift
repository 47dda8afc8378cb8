public import NIOCore

/// A session loop, as the hub reaches it from its own event loop.
public struct LoopHandle: Sendable {
    public let eventLoop: any EventLoop
    private let loop: NIOLoopBound<SessionLoop>

    /// Must be called on the session loop's event loop.
    public init(_ loop: SessionLoop) {
        self.eventLoop = loop.eventLoop
        self.loop = NIOLoopBound(loop, eventLoop: loop.eventLoop)
    }

    /// Hands events over, in order. On the very same loop at once, else with one hop.
    func send(_ events: [LoopEvent]) {
        if self.eventLoop.inEventLoop {
            self.loop.value.deliver(events)
        } else {
            self.eventLoop.execute { self.loop.value.deliver(events) }
        }
    }

    /// Runs something on the loop.
    public func execute(_ body: @escaping @Sendable (SessionLoop) -> Void) {
        self.eventLoop.execute { body(self.loop.value) }
    }
}
