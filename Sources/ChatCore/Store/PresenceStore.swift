public import ChatProtocol
public import NIOCore

/// Who is here, as this node tells the others and the operators. Used on the hub's event loop only.
public protocol PresenceStore: AnyObject {
    /// Writes changes of this node's share of a room and publishes them to the other nodes and the operators.
    ///
    /// Absolute values, so that repeating a change is harmless. One round trip whatever the number of changes.
    func write(_ changes: ShareChanges, room: RoomName) -> EventLoopFuture<Void>

    /// The shares of all nodes in a room.
    ///
    /// - Parameter limit: users at most; of more, only the shares' sizes are read.
    func shares(of room: RoomName, upTo limit: Int) -> EventLoopFuture<Shares>

    /// A page of the users in a large room, share by share, in no order. Its cursor is the store's business.
    func members(of room: RoomName, after cursor: String?, limit: Int) -> EventLoopFuture<OnlinePage>

    /// One node's share of a room.
    func share(of room: RoomName, node: NodeID) -> EventLoopFuture<[PresentUser]>

    /// Publishes an ephemeral event, a JSON object that begins with `{"type":`, to every node that has the topic.
    ///
    /// - Returns: how many subscribers Redis gave it to. Best effort: who does not ask need not wait.
    @discardableResult
    func publish(_ event: ByteBuffer, to topic: Topic) -> EventLoopFuture<Int>

    /// Prolongs this node's lease and says who else lives.
    func heartbeat(_ vitals: NodeVitals) -> EventLoopFuture<Heartbeat>

    /// Removes a dead node's shares from the store, room by room, and publishes that they are gone.
    ///
    /// Several nodes may be asked at once; one of them does it, and another finishes if that one dies.
    func cleanUp(after node: NodeID) -> EventLoopFuture<Void>

    /// Ends this node's lease `grace` after now and marks the node as draining.
    func resign(grace: TimeAmount) -> EventLoopFuture<Void>
}

/// What the nodes have of a room, by node.
public enum Shares: Sendable, Equatable {
    case whole([NodeID: [PresentUser]])
    /// There are too many users to have them all.
    case sizes([NodeID: Int])
}

/// A user in one node's share of a room.
public struct PresentUser: Sendable, Equatable {
    public var id: UserID
    public var name: String
    public var status: String
    public var statusText: String?
    /// Milliseconds since the Unix epoch when the user came to this room on that node.
    public var since: Int64
    /// How many sessions the user has in the room on that node.
    public var sessions: Int

    public init(
        id: UserID, name: String, status: String, statusText: String? = nil, since: Int64, sessions: Int
    ) {
        self.id = id
        self.name = name
        self.status = status
        self.statusText = statusText
        self.since = since
        self.sessions = sessions
    }
}

/// Changes of one share; a user stands in at most one of the two lists.
public struct ShareChanges: Sendable, Equatable {
    public var here: [PresentUser]
    public var gone: [PresentUser]
    /// How many users are in the share afterwards. Writing fails when the store holds another number: it has lost some,
    /// and the whole share is to be written again.
    public var size: Int?

    public init(here: [PresentUser] = [], gone: [PresentUser] = [], size: Int? = nil) {
        self.here = here
        self.gone = gone
        self.size = size
    }
}

/// What a node tells about itself with each heartbeat.
public struct NodeVitals: Sendable, Equatable {
    public var sessions: Int
    public var users: Int
    public var rooms: Int
    /// The node takes no new sessions and is about to end.
    public var isDraining: Bool
    public var traffic: Traffic

    public init(
        sessions: Int, users: Int, rooms: Int, isDraining: Bool = false, traffic: Traffic = Traffic()
    ) {
        self.sessions = sessions
        self.users = users
        self.rooms = rooms
        self.isDraining = isDraining
        self.traffic = traffic
    }
}

/// What has passed through a node since it started, and how fast it does now.
public struct Traffic: Sendable, Equatable {
    /// Entries stored for clients of the node.
    public var entries: UInt64
    /// Entries given to sessions of the node.
    public var deliveries: UInt64
    /// Of the time between the two latest heartbeats that are known of.
    public var entriesPerSecond: Double
    public var deliveriesPerSecond: Double

    public init(
        entries: UInt64 = 0, deliveries: UInt64 = 0, entriesPerSecond: Double = 0, deliveriesPerSecond: Double = 0
    ) {
        self.entries = entries
        self.deliveries = deliveries
        self.entriesPerSecond = entriesPerSecond
        self.deliveriesPerSecond = deliveriesPerSecond
    }
}

public struct Heartbeat: Sendable, Equatable {
    /// False when the lease had ended or Redis was empty: the node must write all its shares again.
    public var leaseWasValid: Bool
    /// Nodes whose lease is valid, this one included.
    public var living: Set<NodeID>
    /// Nodes whose lease has ended and that nobody has cleaned up yet.
    public var dead: Set<NodeID>
    /// This node's id from now on: another one than before when the lease had ended. Shares under the former id are
    /// given up; the survivors remove them.
    public var node: NodeID

    public init(leaseWasValid: Bool, living: Set<NodeID>, dead: Set<NodeID>, node: NodeID) {
        self.leaseWasValid = leaseWasValid
        self.living = living
        self.dead = dead
        self.node = node
    }
}

/// What a node publishes to the other nodes when its share of a room changes.
public struct ShareNotice: Sendable, Equatable {
    public var node: NodeID
    /// The share's size afterwards: another one in the receiver's view means that it missed a notice.
    public var size: Int
    public var changes: ShareChanges

    public init(node: NodeID, size: Int, changes: ShareChanges) {
        self.node = node
        self.size = size
        self.changes = changes
    }
}
