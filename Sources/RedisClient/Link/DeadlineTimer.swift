internal import NIOCore

/// One timer that is armed for the earliest time anybody asked for. Confined to its event loop.
///
/// Arming is cheap when an earlier time is set already, so it may be done for every command.
final class DeadlineTimer {
    private let eventLoop: any EventLoop
    private var scheduled: Scheduled<Void>?
    private var time = NIODeadline.distantFuture
    /// Called when the time has come. It arms the timer again where needed. May hold the timer's owner, until
    /// ``invalidate()``; a weak reference would make every retain of the owner on the hot path a slow one.
    var onFire: (() -> Void)?

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func arm(at newTime: NIODeadline) {
        guard newTime < time else { return }
        scheduled?.cancel()
        time = newTime
        scheduled = eventLoop.assumeIsolated().scheduleTask(deadline: newTime) {
            self.cancel()
            self.onFire?()
        }
    }

    func cancel() {
        scheduled?.cancel()
        scheduled = nil
        time = .distantFuture
    }

    /// For good.
    func invalidate() {
        cancel()
        onFire = nil
    }
}
