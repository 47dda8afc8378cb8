import ChatProtocol
import NIOCore

/// How the hub stands with Redis, and when it does what next. A value.
struct HubHealth {
    var nextBeat = NIODeadline.distantPast
    var nextKeep = NIODeadline.now() + .minutes(3)
    /// A share could not be written: write all of them with the next heartbeat.
    var mustRewrite = false

    var subscriberIsUp = true {
        didSet { if self.subscriberIsUp != oldValue { self.changed() } }
    }
    var commandsAreUp = true {
        didSet { if self.commandsAreUp != oldValue { self.changed() } }
    }
    /// The subscriber link looks healthy but brings nothing.
    var isDeaf = false
    var isDraining = false
    private(set) var upSince = NIODeadline.now()
    private var changedAt = NIODeadline.now()
    /// What the sessions were told last.
    var toldDegraded = false

    private var skew: Int64 = 0

    var isUp: Bool { self.subscriberIsUp && self.commandsAreUp }

    private mutating func changed() {
        self.changedAt = .now()
        if self.isUp { self.upSince = self.changedAt }
    }

    /// Whether the sessions should be told; a link that only blinked is not worth a word.
    func shouldTell(now: NIODeadline) -> Bool {
        self.toldDegraded == self.isUp && self.changedAt + .milliseconds(300) <= now
    }

    /// Nobody cleans up after others before its own lease has been valid for a full lease since its link came up:
    /// else, after a pause of Redis, the first one back would clean everybody away.
    func mayCleanUp(now: NIODeadline, lease: TimeAmount) -> Bool {
        self.isUp && self.upSince + lease <= now
    }

    // MARK: Redis's clock

    /// Redis's clock said this just now.
    mutating func clock(_ at: Int64) {
        self.skew = at - WallClock.milliseconds()
    }

    /// Milliseconds since the Unix epoch, by Redis's clock as far as we know it.
    func now() -> Int64 {
        WallClock.milliseconds() + self.skew
    }

}

extension RoomHub {
    /// The command link to Redis went down or is up again.
    public func commandsChanged(isUp: Bool) {
        self.health.commandsAreUp = isUp
    }

    /// Whether messages flow: what `/readyz` answers.
    public var isReady: Bool { self.health.isUp && !self.health.isDeaf }

    /// The node takes no new sessions: operators see it with the next heartbeat, which comes at once.
    public func beginDraining() {
        self.health.isDraining = true
        self.health.nextBeat = .now()
    }

    func tellHealth(now: NIODeadline) {
        guard self.health.shouldTell(now: now) else { return }
        self.health.toldDegraded = !self.health.isUp
        self.tellAll(.degraded(self.health.toldDegraded))
    }
}
