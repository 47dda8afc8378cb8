internal import NIOCore

/// What a node remembers of its own lease. A value without I/O; times are those of the node's monotonic clock.
struct LeaseRecord {
    /// Whether this id has had a lease.
    private(set) var hasBegun = false
    /// When this id's first heartbeat was answered, in milliseconds by Redis's clock.
    private(set) var started: Int64?
    /// The lease is to end: no further heartbeat prolongs it.
    var isResigned = false
    private var validSince: NIODeadline?
    private var last: NIODeadline?

    /// A heartbeat was answered: the lease is valid.
    mutating func beat(now: NIODeadline, redisTime: Int64, lease: TimeAmount) {
        // Silence for long, although nothing failed: this process was stopped. It begins anew.
        if let last = self.last, now - last > lease { self.validSince = nil }
        self.hasBegun = true
        self.started = self.started ?? redisTime
        self.last = now
        self.validSince = self.validSince ?? now
    }

    /// A heartbeat was not answered, or refused.
    mutating func fail() {
        self.validSince = nil
    }

    /// The lease had ended; the node has taken another id.
    mutating func restart() {
        self = LeaseRecord()
    }

    /// Whether this node may clean up after others.
    ///
    /// Only after its own lease was valid for one full lease without a failure: after Redis was away, all leases seem
    /// to have ended, and the first node back would clean everybody away.
    func mayCleanUp(now: NIODeadline, lease: TimeAmount) -> Bool {
        guard !self.isResigned, let since = self.validSince else { return false }
        return now - since >= lease
    }
}
