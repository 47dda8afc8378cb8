public import ChatProtocol
public import NIOCore

/// Users, their names, and lists that span the cluster. One instance serves one event loop.
public protocol Directory: AnyObject {
    /// Reserves a name for a user, or a free variation of it (`ann-2`) when it is taken. The profile has it from
    /// ``show(_:)`` on.
    ///
    /// Asking again for the same user is harmless; a former name of the user's is freed.
    func arrive(_ user: UserID, name: DisplayName, former: DisplayName?) -> EventLoopFuture<Arrival>

    /// Reserves exactly this name.
    ///
    /// - Returns: false when somebody else has it.
    func rename(_ user: UserID, from former: DisplayName, to name: DisplayName) -> EventLoopFuture<Bool>

    /// Frees a name that the user no longer uses, and takes the user off this node's list; on no other node, the user is
    /// online no more.
    func leave(_ user: UserID, name: DisplayName)

    /// Frees a name that a user had, if it is still reserved for that user, and not an account's.
    func free(_ name: DisplayName, of user: UserID)

    /// Keeps the reservations of users who are still here; called now and then with all of them.
    func keep(_ names: [(UserID, DisplayName)])

    /// Writes that a user who has arrived is on this node, and so in ``online(after:limit:)``: at the end of this turn of
    /// the loop, together with others. The hub's instance keeps the list: ``show(_:)``, ``leave(_:name:)``, ``keep(_:)``
    /// and ``move(to:)`` are for it alone.
    func show(_ user: PresentUser)

    /// The node goes on under another id: its list of users is written anew, under that id, by the next ``keep(_:)``.
    func move(to node: NodeID)

    /// The name under which a user was last here; `nil` for one never seen.
    func name(of user: UserID) -> EventLoopFuture<String?>

    /// Who has a name now; `nil` when it is free.
    func user(named name: DisplayName) -> EventLoopFuture<UserID?>

    /// Everyone online, page by page; a user on several nodes stands there once.
    func online(after cursor: String?, limit: Int) -> EventLoopFuture<OnlinePage>

    /// Public rooms, page by page, in the order of their names; others are not listed.
    func rooms(after cursor: String?, limit: Int) -> EventLoopFuture<RoomsPage>

    /// Notes that a public room exists, so that ``rooms(after:limit:)`` lists it.
    func note(_ room: RoomName)
}

public struct Arrival: Sendable, Equatable {
    public var name: DisplayName
    /// Now, in milliseconds by Redis's clock.
    public var at: Int64

    public init(name: DisplayName, at: Int64) {
        self.name = name
        self.at = at
    }
}

public struct OnlinePage: Sendable, Equatable {
    public var users: [PresentUser]
    /// How many users there are in all, each counted once.
    public var count: Int
    public var next: String?
    /// Who is on several nodes counts, and may stand there, more than once.
    public var isApproximate: Bool

    public init(users: [PresentUser], count: Int, next: String?, isApproximate: Bool = false) {
        self.users = users
        self.count = count
        self.next = next
        self.isApproximate = isApproximate
    }
}

public struct RoomsPage: Sendable, Equatable {
    public var rooms: [RoomSummary]
    public var next: String?

    public init(rooms: [RoomSummary], next: String?) {
        self.rooms = rooms
        self.next = next
    }
}

public struct RoomSummary: Sendable, Equatable {
    public var room: RoomName
    public var topic: String?
    public var members: Int
    /// Who is there on several nodes counts more than once.
    public var isApproximate: Bool
    public var lastAt: Int64?

    public init(room: RoomName, topic: String?, members: Int, isApproximate: Bool = false, lastAt: Int64?) {
        self.room = room
        self.topic = topic
        self.members = members
        self.isApproximate = isApproximate
        self.lastAt = lastAt
    }
}
