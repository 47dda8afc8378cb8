import NIOCore

/// What must take effect in the order said, although something has to be looked up for some of it first.
///
/// Confined to its session's event loop.
final class OrderedTurns {
    private var last: EventLoopFuture<Void>?
    private var waiting = 0
    private let eventLoop: any EventLoop

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Nothing waits.
    var isIdle: Bool { self.waiting == 0 }

    /// Runs the body when `value` is there and all bodies before have run; when that is so already, at once.
    func take<Value: Sendable>(
        _ value: EventLoopFuture<Value>,
        _ body: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        self.turn({ value }, body)
    }

    /// The same with something that may only begin when all bodies before have run.
    func turn<Value: Sendable>(
        _ begin: @escaping @Sendable () -> EventLoopFuture<Value>,
        _ body: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        let turns = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.waiting += 1
        let turn = (self.last ?? self.eventLoop.makeSucceededVoidFuture()).flatMap {
            begin().map { Result<Value, any Error>.success($0) }.recover { .failure($0) }
        }.map { result in
            turns.value.waiting -= 1
            body(result)
        }.recover { _ in }
        self.last = self.waiting > 0 ? turn : nil
    }
}

@available(*, unavailable)
extension OrderedTurns: Sendable {}
