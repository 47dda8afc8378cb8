public import ChatProtocol
internal import DequeModule
public import Logging
public import NIOCore

/// What the sessions of one event loop share: their rooms, their users, the store's links of this loop.
///
/// Confined to its event loop. It knows other loops only through the hub.
public final class SessionLoop {
    public let eventLoop: any EventLoop
    public let index: Int
    public let flushList = FlushList()
    let encoder: FrameEncoder
    /// How many of what passed through this loop, for `/metrics`.
    public internal(set) var statistics = LoopStatistics()
    var node: NodeID
    /// What Redis's clock is ahead of this machine's, in milliseconds, as far as we know.
    var clockSkew: Int64 = 0
    let log: any MessageLog
    let directory: any Directory
    let profiles: any Profiles
    let conversations: any Conversations
    let policies: any RoomPolicies
    let identities: any Identities
    public let settings: Settings
    let logger: Logger
    /// Set once, when the hub exists, before the first session.
    public var hub: HubHandle?
    /// Set before the first session; `nil`: none are taken.
    public var attachments: SessionAttachments?
    /// Set before the first session; `nil`: there are none.
    public var accounts: (any Accounts)?
    /// Set before the first session; `nil`: only sessions are limited, each for itself.
    public var allowances: (any Allowances)?

    /// Set before the first session that has a slot of it; `nil`: each output is asked.
    public var broadcaster: (any Broadcaster)?

    var rooms: [RoomName: LocalRoom] = [:]
    /// Those that the hub has attached, by its numbers.
    private var attachedRooms: [LocalRoom?] = []
    /// A delivery that waits for further messages.
    var gathered: Gathered?
    var users: [UserID: [Session]] = [:]
    private(set) var sessions: [Session] = []
    /// When each of them has something to do next, side by side: sessions lie all over the memory.
    private var nextTicks: [NIODeadline] = []
    /// Sessions that have done something since this was last counted, and since when, by the last tick.
    var spenders: Deque<(session: Session, since: NIODeadline)> = []
    private(set) var lastTick = NIODeadline.now()
    var health = LoopHealth()
    private var tickets: [Int: Ticket] = [:]
    private var nextTicket = 0
    private var nextSession: UInt64 = 0
    private var flushIsScheduled = false
    private var ticks: RepeatedTask?

    public struct Settings: Sendable {
        public var limits: Limits
        public var pingInterval: TimeAmount
        public var helloTimeout: TimeAmount
        public var defaultRoom: RoomName?
        /// For sessions whose client has agreed to it.
        public var compression = FrameEncoder.Compression()
        /// With so many members of the loop, deliveries to a room wait for further messages (``SessionLoop/Gathered``).
        public var gatherFrom: Int

        public init(
            limits: Limits = Limits(),
            pingInterval: TimeAmount = .seconds(25),
            helloTimeout: TimeAmount = .seconds(10),
            gatherFrom: Int = 256
        ) {
            self.limits = limits
            self.pingInterval = pingInterval
            self.helloTimeout = helloTimeout
            self.gatherFrom = gatherFrom
            self.defaultRoom = RoomName("lobby")
        }
    }

    private enum Ticket {
        case enter(Session, EnterTicket)
        case arrive(Session)
    }

    public init(
        node: NodeID,
        eventLoop: any EventLoop,
        index: Int,
        log: any MessageLog,
        directory: any Directory,
        profiles: any Profiles,
        conversations: any Conversations,
        policies: any RoomPolicies,
        identities: any Identities,
        settings: Settings = Settings(),
        logger: Logger
    ) {
        self.node = node
        self.eventLoop = eventLoop
        self.index = index
        self.log = log
        self.directory = directory
        self.profiles = profiles
        self.conversations = conversations
        self.policies = policies
        self.identities = identities
        self.settings = settings
        self.encoder = FrameEncoder(compression: settings.compression)
        self.logger = logger
    }

    /// Begins to watch over hello times and pings: often, so that what is due for many sessions does not hold up messages
    /// for long.
    public func start() {
        let loop = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.ticks = self.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(100)) { _ in
            loop.value.tick(now: .now())
        }
    }

    public func stop() {
        self.ticks?.cancel()
        self.ticks = nil
    }

    func tick(now: NIODeadline) {
        self.lastTick = now
        let clock = WallClock.milliseconds()
        let due = self.nextTicks.indices.filter { self.nextTicks[$0] <= now }.map { self.sessions[$0] }
        for session in due {
            session.tick(now: now)
            session.endIfExpired(at: clock)
            if !session.isEnded { self.nextTicks[session.place] = session.nextTick }
        }
        self.countSpending(now: now)
        self.tellHealth(now: now)
        self.flushSoon()
    }

    /// The next tick is to look at a session.
    func lookSoon(at session: Session) {
        guard session.place < self.sessions.count, self.sessions[session.place] === session else { return }
        self.nextTicks[session.place] = .distantPast
    }

    /// Flushes what sessions have to send at the end of this turn.
    public func flushSoon() {
        guard !self.flushIsScheduled else { return }
        self.flushIsScheduled = true
        let loop = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.eventLoop.execute {
            loop.value.flushIsScheduled = false
            loop.value.flushList.flush()
        }
    }

    // MARK: Sessions

    /// A session begins: a connection is ready to talk.
    ///
    /// - Parameter streamKey: for a fallback session: what its posts have to carry.
    public func begin(
        _ dialect: any SessionDialect, output: any SessionOutput, streamKey: String? = nil
    ) -> Session {
        self.nextSession += 1
        let session = Session(
            id: "\(self.node)-\(self.index)-\(self.nextSession)", loop: self, dialect: dialect, output: output,
            streamKey: streamKey
        )
        session.place = self.sessions.count
        self.sessions.append(session)
        self.nextTicks.append(session.nextTick)
        self.statistics.sessions += 1
        return session
    }

    /// The last session moves to the place of the one that ended, so that ending costs the same with any number.
    func remove(_ session: Session) {
        guard session.place < self.sessions.count, self.sessions[session.place] === session else { return }
        let last = self.sessions.removeLast()
        let nextTick = self.nextTicks.removeLast()
        if last !== session {
            self.sessions[session.place] = last
            self.nextTicks[session.place] = nextTick
            last.place = session.place
        }
        self.statistics.sessions -= 1
    }

    // MARK: The hub's events

    /// Takes what the hub tells, in order, and sends what came of it.
    func deliver(_ events: [LoopEvent]) {
        for event in events { self.deliver(event) }
        self.endGatheringIfComplete()
        self.flushList.flush()
    }

    private func deliver(_ event: LoopEvent) {
        if case .entries(let number, let entries, let head) = event {
            // Given up here, and the hub does not know yet.
            guard number < self.attachedRooms.count, let room = self.attachedRooms[number] else { return }
            return self.deliver(entries, head: head, in: room)
        }
        self.endGathering()
        switch event {
        case .entries: break
        case .event(let name, let event):
            self.rooms[name]?.deliver(event: event)
        case .attached(let name, let number, let head):
            self.attached(name, number: number, head: head)
        case .entered(let number, let snapshot, let recent):
            guard case .enter(let session, let request) = self.tickets.removeValue(forKey: number) else { return }
            session.entered(request, snapshot: snapshot, recent: recent)
        case .notEntered(let number, let error):
            guard case .enter(let session, let request) = self.tickets.removeValue(forKey: number) else { return }
            session.notEntered(request, error)
        case .arrived(let number):
            guard case .arrive(let session) = self.tickets.removeValue(forKey: number) else { return }
            session.arrived()
        case .notArrived(let number, let error):
            guard case .arrive(let session) = self.tickets.removeValue(forKey: number) else { return }
            session.notArrived(error)
        case .reset(let name, let head, let entries, let snapshot, let reason):
            self.reset(name, head: head, entries: entries, snapshot: snapshot, reason: reason)
        case .policy(let name, let policy): self.take(policy, of: name)
        case .removed(let user, let name, let reason): self.remove(user, from: name, reason: reason)
        case .banned(let user, let reason): self.ban(user, reason: reason)
        case .renamed(let user, let name):
            for session in self.users[user] ?? [] { session.renamed(name) }
        case .toUser(let user, let event):
            for session in self.users[user] ?? [] { session.tell(event: event) }
        case .loggedOut(let user, let generation):
            for session in self.sessions where session.identity?.user == user { session.loggedOut(below: generation) }
        case .moved(let node):
            self.node = node
        case .degraded(let isDegraded):
            self.health.nodeIsDegraded = isDegraded
            self.tellHealth(now: .now())
        }
    }

    func send(_ entries: [LogEntry], head: Position, to room: LocalRoom) {
        let shown = room.needsLinks ? self.linked(entries, in: room.name) : entries
        self.statistics.deliveries += UInt64(room.deliver(shown, head: head, broadcaster: self.broadcaster))
    }

    func ticket(entering session: Session, _ request: EnterTicket) -> Int {
        self.take(.enter(session, request))
    }

    func ticket(arriving session: Session) -> Int {
        self.take(.arrive(session))
    }

    private func take(_ ticket: Ticket) -> Int {
        self.nextTicket += 1
        self.tickets[self.nextTicket] = ticket
        return self.nextTicket
    }

    private func attached(_ name: RoomName, number: Int, head: Position) {
        let room = self.room(name)
        self.forgetNumber(of: room)
        room.attach(number: number, head: head)
        while self.attachedRooms.count <= number { self.attachedRooms.append(nil) }
        self.attachedRooms[number] = room
        guard let (first, second) = name.participants else { return }
        // All sessions of both users receive what is said in a direct room, joined or not.
        for session in (self.users[first] ?? []) + (self.users[second] ?? []) { session.receive(from: room) }
        self.closeIfEmpty(room)
    }

    private func reset(
        _ name: RoomName, head: Position, entries: [LogEntry], snapshot: RoomSnapshot, reason: String
    ) {
        guard let room = self.rooms[name] else { return }
        room.restart(at: head)
        var joined = Joined(
            re: nil,
            room: name,
            head: head,
            members: snapshot.members,
            memberCount: snapshot.count,
            isApproximate: snapshot.isApproximate,
            entries: self.linked(entries, in: name),
            recovered: false,
            settings: room.policy.settings,
            resetReason: reason
        )
        room.forEachMember { session in
            joined.role = session.role(under: room.policy)
            session.tell(.joined(joined))
        }
        room.forEachCatchingUp { session in
            joined.role = session.role(under: room.policy)
            return session.encoded(.joined(joined))
        }
    }

    // MARK: Rooms

    func room(_ name: RoomName) -> LocalRoom {
        if let room = self.rooms[name] { return room }
        let room = LocalRoom(name: name, encoder: self.encoder, gatherFrom: self.settings.gatherFrom)
        self.rooms[name] = room
        return room
    }

    func closeIfEmpty(_ room: LocalRoom) {
        guard room.isEmpty, self.rooms[room.name] === room else { return }
        self.rooms[room.name] = nil
        self.forgetNumber(of: room)
        self.hub?.detach(room.name, loop: self.index)
    }

    private func forgetNumber(of room: LocalRoom) {
        // The hub may have closed the room, and given its number to another one.
        if let number = room.number, self.attachedRooms[number] === room { self.attachedRooms[number] = nil }
    }
}

@available(*, unavailable)
extension SessionLoop: Sendable {}

/// Counters of one loop; they only grow, but for `sessions`.
public struct LoopStatistics: Sendable {
    public var sessions = 0
    /// Entries given to sessions.
    public var deliveries: UInt64 = 0
    /// Frames read from clients.
    public var frames: UInt64 = 0
    /// Entries stored for clients.
    public var appends: UInt64 = 0
    /// Errors told to clients.
    public var errors: UInt64 = 0

    public init() {}
}

extension LoopStatistics {
    public static func += (total: inout LoopStatistics, more: LoopStatistics) {
        total.sessions += more.sessions
        total.deliveries += more.deliveries
        total.frames += more.frames
        total.appends += more.appends
        total.errors += more.errors
    }
}
