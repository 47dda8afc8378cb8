internal import ChatProtocol
public import NIOCore

/// Bounds and times of what is kept in Redis. All nodes of a cluster should use the same.
public struct RedisStoreSettings: Sendable {
    /// Entries that a room's log keeps, at least 1; up to a tenth more (100 at most) may be there.
    public var retention = 10_000
    /// On how many replicas an entry must be before it counts as stored; 0: the primary is enough.
    public var replicas = 0
    /// How long to wait for the replicas. All later commands on the link wait with it.
    public var replicaTimeout: TimeAmount = .milliseconds(500)
    /// For how long a sender's `key` is remembered.
    public var keyMemory: TimeAmount = .minutes(10)
    /// Bytes of entries and of what changes them in one page; one entry is always given, however large.
    public var pageBytes = Limits.recoveryBytes
    /// Bytes that the attachments of one room may have together.
    public var attachmentsPerRoom = 256 << 20
    /// For how long an attachment is kept that no entry carries yet.
    public var looseAttachmentMemory: TimeAmount = .minutes(1)
    /// Edits and reactions that one message may have.
    public var changesPerMessage = 500
    /// Emoji that one user may leave at one message.
    public var reactionsPerUser = 20
    /// Direct conversations that a user's inbox keeps; the ones without activity for longest are dropped.
    public var inboxConversations = 10_000
    /// Rooms that a user's list keeps; the one the user was in least recently is dropped.
    public var visitedRooms = 200
    /// Users whose read offset a room keeps; beyond that, some of those who have read least are dropped.
    public var readers = 100_000
    /// Entries that are looked at to count what is unread in one conversation.
    public var countedEntries = 1_000
    /// Users of whom it is known that a user has written to them; the ones first written to longest ago are dropped.
    public var contacts = 10_000
    /// Users whom one user may block.
    public var blockedUsers = 1_000
    /// Entries that the audit of a room, and that of the cluster, keep; some more may be there.
    public var auditEntries = 1_000
    /// Users whom the cluster may keep out.
    public var clusterBans = 100_000
    /// For how long it is known of somebody that they operate the cluster.
    public var operatorMemory: TimeAmount = .hours(24)
    /// Users of a room on several nodes of whom the list of rooms counts each once; of more, the sizes of the shares.
    public var countedMembers = 500
    /// How long a node counts as living after a heartbeat. Heartbeats should come three times as often.
    public var lease: TimeAmount = .seconds(15)
    /// How long a survivor has to clean up after a dead node, and again after each batch, before another takes over.
    public var cleanerTerm: TimeAmount = .seconds(10)
    /// Users of a dead node's share that are removed in one step.
    public var cleanerBatch = 500
    /// How long a name stays reserved without being kept.
    public var nameLease: TimeAmount = .minutes(10)
    /// How long a guest's profile is remembered.
    public var guestMemory: TimeAmount = .hours(24 * 30)

    public init() {}
}

extension TimeAmount {
    var milliseconds: Int64 { self.nanoseconds / 1_000_000 }
}
