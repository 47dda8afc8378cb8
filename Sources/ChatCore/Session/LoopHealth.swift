import ChatProtocol
import NIOCore

/// How one loop stands with Redis: by its own link for commands, and by what the hub says of the node. A value; time is
/// passed in.
struct LoopHealth {
    /// A link that was down for less is not worth a word.
    static let patience = TimeAmount.milliseconds(300)

    /// What the hub said last.
    var nodeIsDegraded = false
    /// What the sessions were told last.
    private(set) var isDegraded = false
    private var linkIsDownSince: NIODeadline?

    mutating func linkChanged(isUp: Bool, now: NIODeadline) {
        if isUp {
            self.linkIsDownSince = nil
        } else if self.linkIsDownSince == nil {
            self.linkIsDownSince = now
        }
    }

    /// Whether the sessions have to be told of a change now, and of which.
    mutating func news(now: NIODeadline) -> Bool? {
        let linkIsDown = self.linkIsDownSince.map { $0 + Self.patience <= now } ?? false
        let isDegraded = self.nodeIsDegraded || linkIsDown
        guard isDegraded != self.isDegraded else { return nil }
        self.isDegraded = isDegraded
        return isDegraded
    }
}

extension SessionLoop {
    /// The loop's link for commands went down or is up again.
    public func commandsChanged(isUp: Bool) {
        self.health.linkChanged(isUp: isUp, now: .now())
        self.tellHealth(now: .now())
    }

    /// Whether the sessions were told that Redis is away.
    public var isDegraded: Bool { self.health.isDegraded }

    func tellHealth(now: NIODeadline) {
        guard let isDegraded = self.health.news(now: now) else { return }
        let reason = isDegraded ? "Redis is away" : "Redis is back"
        for session in self.sessions { session.tell(.degraded(on: isDegraded, reason: reason), ephemeral: true) }
    }
}
