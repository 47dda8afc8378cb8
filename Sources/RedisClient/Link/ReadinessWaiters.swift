internal import NIOCore

/// Those who wait for a link to become ready, each with a limit. Confined to its event loop.
final class ReadinessWaiters {
    private let eventLoop: any EventLoop
    private var waiting: [Int: (promise: EventLoopPromise<Void>, timeout: Scheduled<Void>)] = [:]
    private var lastID = 0

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// - Parameter failure: what to fail with when the limit is over.
    func add(limit: TimeAmount, failure: @escaping () -> RedisLinkFailure) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        lastID += 1
        let id = lastID
        let timeout = eventLoop.assumeIsolated().scheduleTask(in: limit) { [weak self] in
            guard self?.waiting.removeValue(forKey: id) != nil else { return }
            promise.fail(failure())
        }
        waiting[id] = (promise, timeout)
        return promise.futureResult
    }

    func complete(_ result: Result<Void, any Error>) {
        let all = waiting
        waiting.removeAll()
        for (_, waiter) in all.sorted(by: { $0.key < $1.key }) {
            waiter.timeout.cancel()
            waiter.promise.completeWith(result)
        }
    }
}
