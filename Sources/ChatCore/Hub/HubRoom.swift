public import ChatProtocol
import NIOCore

/// A room as the hub has it, while any session of this node is in it and a little longer.
///
/// It is itself the subject that its channel is subscribed with, so that a publication finds it at once.
final class HubRoom: TopicSubject {
    // Every message looks at what follows here: it stands side by side, for rooms lie all over the memory.
    /// What the loops know the room by.
    let number: Int
    /// The loops that have a copy of the feed.
    var attached: [AttachedLoop] = []
    var feed = RoomFeed()
    var recent = RecentEntries(after: Position(epoch: "", offset: 0, at: 0))

    let name: RoomName
    var presence: RoomPresence
    /// When users whose last session here was lost are taken out, unless one comes back before.
    var leavesAt: [UserID: NIODeadline] = [:]
    /// How many changes of its share each node has told of; a share read before the last one may be older than it.
    var notices: [NodeID: Int] = [:]
    /// Nodes whose share is being read.
    var readingShares: Set<NodeID> = []
    /// Who may what here, as it was read last.
    var policy = RoomPolicy()
    var isReadingPolicy = false
    /// It has changed since the reading began.
    var mustReadPolicy = false
    /// A reading failed, and is to be repeated.
    var readsPolicyLater = false
    /// They wait for a reading of the policy that begins after they came.
    var awaitingPolicy: [EventLoopPromise<Void>] = []
    /// Sessions that wait until the room is open.
    var waiting: [EnterRequest] = []
    /// Sessions that know more of the room than this node has heard, or something else: they wait for a reading of the
    /// log that begins after they came.
    var ahead: [EnterRequest] = []
    /// Those of them for whom it has begun.
    var verifying: [EnterRequest] = []
    /// Whether a reading of the log is under way; a second one would only repeat it.
    var isReading = false
    var failedReadings = 0
    /// How long to wait before the log is read again after a failure.
    var retryDelay: TimeAmount { .milliseconds(Int64(min(100 << min(self.failedReadings, 5), 2_000))) }
    /// Since when no loop has the room.
    var idleSince: NIODeadline?
    /// Presence is told at most four times a second.
    var nextPresence = NIODeadline.distantPast
    /// What `joined` lists, encoded; made anew when it is needed and older than the last change.
    var snapshot: RoomSnapshot?

    /// When the members of a large room may be told their number next.
    var nextCount = NIODeadline.distantPast
    /// The shares of a room that was large are being read.
    var isShrinking = false

    init(name: RoomName, number: Int, node: NodeID, largeAbove: Int) {
        self.name = name
        self.number = number
        self.presence = RoomPresence(node: node, largeAbove: largeAbove)
        super.init(.room(name))
    }

    /// - Returns: whether the loop had no copy before.
    func attach(_ loop: Int) -> Bool {
        self.idleSince = nil
        guard !self.attached.contains(where: { $0.loop == loop }) else { return false }
        self.attached.append(AttachedLoop(loop: loop))
        return true
    }

    func detach(_ loop: Int) {
        self.attached.removeAll { $0.loop == loop }
    }

    /// What they waited for will not come.
    func succeedAwaitingPolicy() {
        for promise in self.awaitingPolicy { promise.succeed() }
        self.awaitingPolicy = []
    }

    var isOpen: Bool { self.feed.head != nil }
    /// Whether sessions wait for an answer.
    var isAwaited: Bool { !self.waiting.isEmpty || !self.ahead.isEmpty || !self.verifying.isEmpty }

    /// The members for those who join now. In a large room the list is a sample anyway, and only the count is fresh.
    ///
    /// - Parameter newcomer: who has just made the members one more. A list that has all others is added to.
    func currentSnapshot(newcomer: UserID? = nil) -> RoomSnapshot {
        let (count, isLarge) = (self.presence.count, self.presence.isLarge)
        if var snapshot = self.snapshot, snapshot.isApproximate == isLarge {
            if snapshot.count == count { return snapshot }
            if !isLarge, snapshot.count + 1 == count, count <= Limits.joinedMembers,
                let member = newcomer.flatMap({ self.presence.list($0) })
            {
                snapshot.add(member)
                self.snapshot = snapshot
                return snapshot
            }
            if snapshot.count > Limits.joinedMembers, count > Limits.joinedMembers {
                snapshot.count = count
                return snapshot
            }
        }
        let members = self.presence.someMembers(Limits.joinedMembers)
        let snapshot = RoomSnapshot(members: Member.encoded(members), count: count, isApproximate: isLarge)
        self.snapshot = snapshot
        return snapshot
    }
}

/// An event loop that has a copy of a room's feed.
struct AttachedLoop {
    /// Its index.
    let loop: Int
    /// Where the latest entries for it wait.
    var place: Outbox.Place?
}

/// A session that wants to be in a room.
public struct EnterRequest: Sendable {
    public var room: RoomName
    /// The index of the session's loop.
    public var loop: Int
    /// What the loop knows the request by.
    public var ticket: Int
    public var user: UserID
    public var name: String
    public var isOperator: Bool
    /// False for a session that is in the room already and only asks for an answer.
    public var isNew: Bool
    /// What the session has of the room already.
    public var since: Position?
    /// It was refused from memory, and the policy was compared since: what memory says now is the answer.
    var isReconsidered = false

    public init(
        room: RoomName,
        loop: Int,
        ticket: Int,
        user: UserID,
        name: String,
        isOperator: Bool = false,
        isNew: Bool,
        since: Position? = nil
    ) {
        self.room = room
        self.loop = loop
        self.ticket = ticket
        self.user = user
        self.name = name
        self.isOperator = isOperator
        self.isNew = isNew
        self.since = since
    }
}
