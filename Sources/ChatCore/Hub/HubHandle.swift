import ChatProtocol
public import NIOCore

/// The hub, as the session loops reach it from their own event loops. Calls of one loop arrive in the order made.
public struct HubHandle: Sendable {
    public let eventLoop: any EventLoop
    private let hub: NIOLoopBound<RoomHub>

    /// Must be called on the hub's event loop.
    public init(_ hub: RoomHub) {
        self.eventLoop = hub.eventLoop
        self.hub = NIOLoopBound(hub, eventLoop: hub.eventLoop)
    }

    /// Runs something on the hub's loop, later in this turn or in the next.
    public func execute(_ body: @escaping @Sendable (RoomHub) -> Void) {
        self.eventLoop.execute { body(self.hub.value) }
    }

    func enter(_ request: EnterRequest) {
        self.execute { $0.enter(request) }
    }

    /// A session is no longer in a room.
    ///
    /// - Parameter wasLost: its connection ended without `leave`: it may come back within the grace time.
    func exit(_ room: RoomName, user: UserID, wasLost: Bool) {
        self.execute { $0.exit(room, user: user, wasLost: wasLost) }
    }

    /// The loop has no member in the room any more.
    func detach(_ room: RoomName, loop: Int) {
        self.execute { $0.detach(room, loop: loop) }
    }

    func arrive(_ user: UserID, name: DisplayName, at: Int64, isOperator: Bool, loop: Int, ticket: Int) {
        self.execute { $0.arrive(user, name: name, at: at, isOperator: isOperator, loop: loop, ticket: ticket) }
    }

    func depart(_ user: UserID, loop: Int) {
        self.execute { $0.depart(user, loop: loop) }
    }

    /// A name was reserved for a session that ended meanwhile.
    func abandon(_ user: UserID, name: DisplayName) {
        self.execute { $0.abandon(user, name: name) }
    }

    func read(_ room: RoomName, user: UserID, offset: UInt64) {
        self.execute { $0.read(room, user: user, offset: offset) }
    }

    func typing(_ room: RoomName, user: UserID, isOn: Bool) {
        self.execute { $0.typing(room, user: user, isOn: isOn) }
    }

    /// Reads a user's profile: what was stored of it before holds on this node from when the promise is kept. It may
    /// belong to any event loop.
    func learnProfile(of user: UserID, promise: EventLoopPromise<Profile>) {
        self.execute { $0.learnProfile(of: user, promise: promise) }
    }

    func mention(_ users: [UserID], _ event: ByteBuffer) {
        self.execute { hub in
            for user in users { hub.presenceStore.publish(event, to: .user(user)) }
        }
    }

    func renamed(_ user: UserID, to name: DisplayName) {
        self.execute { $0.renamed(user, to: name) }
    }

    /// A page of a room's members, for `who`; the promise may belong to any event loop.
    func members(
        of room: RoomName, for asker: Asker, after: String?, limit: Int, promise: EventLoopPromise<OnlinePage>
    ) {
        self.execute { $0.members(of: room, for: asker, after: after, limit: limit, promise: promise) }
    }

    /// Keeps the promise when Redis has who is in a room now, on whichever nodes; fails when that cannot be. It may belong to any
    /// event loop.
    func settlePresence(of room: RoomName, promise: EventLoopPromise<Void>) {
        self.execute { $0.settlePresence(of: room, promise: promise) }
    }

    /// Reads a room's policy again, if the room is open on this node. The promise may belong to any event loop.
    func learnPolicy(of room: RoomName, promise: EventLoopPromise<Void>) {
        self.execute { $0.learnPolicy(of: room, promise: promise) }
    }
}
