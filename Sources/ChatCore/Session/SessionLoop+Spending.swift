import ChatProtocol
import NIOCore

/// What users may do in all, on all nodes together.
///
/// Each session has its own limit, which costs no round trip. What all sessions of a user do is counted a second after the
/// first of it, and only where it is much: a user is held to the common limit a second late at most (docs/decisions/0022).
extension SessionLoop {
    /// Joins of a user within a second, on one loop, that are not counted.
    static let uncountedJoins = 5

    /// Frames likewise: half of what one session may send.
    var uncountedFrames: Int { max(10, self.settings.limits.framesPerSecond / 2) }

    /// Reports what the sessions have done in the second that is over for them.
    func countSpending(now: NIODeadline) {
        while let first = self.spenders.first, first.since + .seconds(1) <= now {
            self.spenders.removeFirst()
            let session = first.session
            // What it had done then has been counted with another session of the user.
            guard session.tally.since == first.since else { continue }
            guard let allowances = self.allowances, !session.isEnded else { continue }
            // One that is not welcome yet is counted when it is.
            guard session.isRegistered, let user = session.identity?.user else {
                session.tally.since = now
                self.spenders.append((session, now))
                continue
            }
            var tally = Session.Tally()
            for session in self.users[user] ?? [] { tally += session.takeTally() }
            if tally.frames > self.uncountedFrames { self.report(tally.frames, of: .frames, by: user, to: allowances) }
            if tally.joins > Self.uncountedJoins { self.report(tally.joins, of: .joins, by: user, to: allowances) }
        }
    }

    private func report(_ amount: Int, of spending: Spending, by user: UserID, to allowances: any Allowances) {
        let loop = NIOLoopBound(self, eventLoop: self.eventLoop)
        // Without an answer nobody is held.
        allowances.spend(amount, of: spending, by: user, isDone: true).whenSuccess { wait in
            guard wait > 0 else { return }
            for session in loop.value.users[user] ?? [] { session.hold(spending, for: wait) }
        }
    }

    /// Asks before something is done. Without an answer of the store it is allowed: then it will fail, too, or need not wait.
    func allows(_ amount: Int, of spending: Spending, by user: UserID) -> EventLoopFuture<Int64> {
        guard let allowances = self.allowances else { return self.eventLoop.makeSucceededFuture(0) }
        return allowances.spend(amount, of: spending, by: user, isDone: false)
    }
}

extension Session {
    /// What a session has done since it was last counted.
    struct Tally {
        var frames = 0
        var joins = 0
        /// When the first of it was done, by the ticks; `nil`: it has done nothing.
        var since: NIODeadline?

        static func += (total: inout Tally, more: Tally) {
            total.frames += more.frames
            total.joins += more.joins
        }
    }

    /// The tally is about to change.
    func noteSpending() {
        guard self.tally.since == nil else { return }
        self.tally.since = self.loop.lastTick
        self.loop.spenders.append((self, self.loop.lastTick))
    }

    func takeTally() -> Tally {
        defer { self.tally = Tally() }
        return self.tally
    }

    /// Lets the session do nothing of a kind for so many milliseconds.
    func hold(_ spending: Spending, for wait: Int64) {
        let until = NIODeadline.now() + .milliseconds(wait)
        switch spending {
        case .frames:
            let limits = self.loop.settings.limits
            self.limiter.hold(
                until: until.uptimeNanoseconds, perSecond: limits.framesPerSecond, burst: limits.burst)
        case .joins: self.joinsHeldUntil = until
        case .strangers, .uploads, .renames: return
        }
    }

    /// Milliseconds to wait before the next join; `nil`: none.
    func waitBeforeJoin() -> Int64? {
        self.noteSpending()
        self.tally.joins += 1
        let wait = self.joinsHeldUntil - .now()
        return wait > .zero ? wait.nanoseconds / 1_000_000 + 1 : nil
    }
}
