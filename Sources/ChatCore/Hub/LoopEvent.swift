public import ChatProtocol
public import NIOCore

/// What the hub tells an event loop. All of it goes through one queue per loop, in order: a loop's rooms are exact
/// copies of the hub's feeds, so a session can be answered from them without a gap.
public enum LoopEvent: Sendable {
    /// The loop has this room from now on, under this number until one of the two gives it up; what follows `head` will be
    /// delivered.
    case attached(RoomName, number: Int, head: Position)
    /// A session may be in the room it asked for. The entries end at the loop's head.
    case entered(ticket: Int, RoomSnapshot, recent: RecentEntries.Snapshot)
    case notEntered(ticket: Int, FrameError)
    /// - Parameter room: the number that it was attached under.
    case entries(room: Int, [LogEntry], head: Position)
    /// An ephemeral event for the room's sessions.
    case event(RoomName, ByteBuffer)
    /// The room's log starts anew for everybody.
    case reset(RoomName, head: Position, entries: [LogEntry], RoomSnapshot, reason: String)
    /// Who may what in a room, from now on.
    case policy(RoomName, RoomPolicy)
    /// A user may no longer be in a room.
    case removed(UserID, from: RoomName, reason: String?)
    /// A user was banned from the cluster.
    case banned(UserID, reason: String?)
    /// The user's channel is subscribed.
    case arrived(ticket: Int)
    case notArrived(ticket: Int, FrameError)
    /// A user has another name, given on this or another node.
    case renamed(UserID, DisplayName)
    /// An ephemeral event for all sessions of a user.
    case toUser(UserID, ByteBuffer)
    /// A user has logged out: tokens below the generation are void.
    case loggedOut(UserID, generation: Int)
    /// The node goes on under another id.
    case moved(NodeID)
    /// Redis is away, or back.
    case degraded(Bool)
}

/// Who is in a room, as told to those who join.
public struct RoomSnapshot: Sendable {
    /// A JSON array of at most ``Limits/joinedMembers`` members.
    public var members: ByteBuffer
    public var count: Int
    /// A large room: the members are a sample, and who is on several nodes counts more than once.
    public var isApproximate: Bool

    public init(members: ByteBuffer, count: Int, isApproximate: Bool = false) {
        self.members = members
        self.count = count
        self.isApproximate = isApproximate
    }

    /// Adds one who is not among the members yet.
    mutating func add(_ member: Member) {
        let isFirst = self.members.readableBytes <= 2
        var json = JSONWriter()
        member.encode(into: &json)
        self.members.moveWriterIndex(to: self.members.writerIndex - 1)
        if !isFirst { self.members.writeStaticString(",") }
        self.members.writeImmutableBuffer(json.buffer)
        self.members.writeStaticString("]")
        self.count += 1
    }
}
