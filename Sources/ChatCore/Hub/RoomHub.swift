public import ChatProtocol
import DequeModule
public import Logging
public import NIOCore

/// The node's end of Redis: one feed per room, in order and without holes, handed to the loops that have members.
///
/// Confined to its event loop, as are the stores it is given. Everything it tells a loop goes through one queue, so a
/// loop's copy of a room is exact at every point (``LoopEvent``).
public final class RoomHub {
    public let eventLoop: any EventLoop
    /// Another one after the node's lease had ended: nothing of the former life counts then.
    var node: NodeID
    let log: any MessageLog
    let presenceStore: any PresenceStore
    let directory: any Directory
    let profiles: any Profiles
    let policies: any RoomPolicies
    let subscriptions: any Subscriptions
    let settings: Settings
    let logger: Logger
    let outbox: Outbox

    var rooms: [RoomName: HubRoom] = [:]
    var roomNumbers = RoomNumbers()
    var users: [UserID: HubUser] = [:]
    /// The direct rooms that are open on this node, by each of their two users; one of them may not be here (yet).
    var directRooms: [UserID: Set<RoomName>] = [:]
    /// Rooms whose presence has changed since it was told.
    var dirtyRooms: Set<RoomName> = []
    /// Rooms that no loop has, and since when, in the order of the times; and some that have been entered again.
    var idleRooms: Deque<(since: NIODeadline, room: HubRoom)> = []
    /// Who is taken out of a room when, unless back before; in the order of the times.
    var leaving: Deque<(at: NIODeadline, room: RoomName, user: UserID)> = []
    var departing: Deque<(at: NIODeadline, user: UserID)> = []
    /// What users were called before, as this node saw it, since the last heartbeat and in the one before.
    var formerNames = FormerNames()
    var typists = TypingBoard()
    var living: Set<NodeID> = []
    var lost = LostNodes()
    var health = HubHealth()
    var probe = EchoProbe()
    var quietRooms = Rounds<RoomName>(interval: .seconds(5), step: .milliseconds(200), perStep: 20)
    var quietUsers = Rounds<UserID>(interval: .seconds(5), step: .milliseconds(200), perStep: 6)
    /// This node's ids, former ones included: a session's id keeps the one that was current when it began.
    var ownNodes: Set<NodeID> = []
    var posts = PendingPosts()
    var traffic = TrafficMeter()
    /// Takes posts to sessions of this node.
    public var onPost: PostReceiver?
    private var flushIsScheduled = false
    private var ticks: RepeatedTask?
    /// Called with each heartbeat, for what else has to be kept alive.
    public var onHeartbeat: (() -> Void)?

    public struct Settings: Sendable {
        /// How long a lost connection shows nothing, for the client to come back.
        public var grace: TimeAmount
        public var heartbeat: TimeAmount
        /// How long a node counts as alive after a heartbeat.
        public var lease: TimeAmount
        /// How long a room without members on this node stays open.
        public var linger: TimeAmount
        /// Sessions that a user may have on this node; 0: any number.
        public var sessionsPerUser = 100
        public var recent: RecentEntries.Bound
        /// Of rooms with more members than this, nodes know only the number.
        public var largeRoom: Int
        /// The room that everybody is put into first: nobody owns it by being the first.
        public var defaultRoom = RoomName("lobby")

        public init(
            grace: TimeAmount = .seconds(5),
            heartbeat: TimeAmount = .seconds(5),
            lease: TimeAmount = .seconds(15),
            linger: TimeAmount = .seconds(10),
            recent: RecentEntries.Bound = .init(),
            largeRoom: Int = 500
        ) {
            self.grace = grace
            self.heartbeat = heartbeat
            self.lease = lease
            self.linger = linger
            self.recent = recent
            self.largeRoom = largeRoom
        }
    }

    public struct Stores {
        public var log: any MessageLog
        public var presence: any PresenceStore
        public var directory: any Directory
        public var profiles: any Profiles
        public var policies: any RoomPolicies
        public var subscriptions: any Subscriptions

        public init(
            log: any MessageLog,
            presence: any PresenceStore,
            directory: any Directory,
            profiles: any Profiles,
            policies: any RoomPolicies,
            subscriptions: any Subscriptions
        ) {
            self.log = log
            self.presence = presence
            self.directory = directory
            self.profiles = profiles
            self.policies = policies
            self.subscriptions = subscriptions
        }
    }

    public init(
        node: NodeID,
        eventLoop: any EventLoop,
        stores: Stores,
        loops: [LoopHandle],
        settings: Settings = Settings(),
        logger: Logger
    ) {
        self.node = node
        self.eventLoop = eventLoop
        self.log = stores.log
        self.presenceStore = stores.presence
        self.directory = stores.directory
        self.profiles = stores.profiles
        self.policies = stores.policies
        self.subscriptions = stores.subscriptions
        self.settings = settings
        self.logger = logger
        self.outbox = Outbox(loops)
        stores.subscriptions.receiver = self
    }

    /// Begins to beat and to tell presence.
    public func start() {
        self.subscribeToOwnTopics()
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.ticks = self.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(100)) { _ in
            hub.value.tick(now: .now())
        }
    }

    public func stop() {
        self.ticks?.cancel()
        self.ticks = nil
    }

    /// Passes on what was gathered for the loops at the end of this turn.
    func flushSoon() {
        guard !self.flushIsScheduled else { return }
        self.flushIsScheduled = true
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.eventLoop.execute {
            hub.value.flushIsScheduled = false
            hub.value.outbox.flush()
        }
    }

    func tellAll(_ event: LoopEvent) {
        for loop in self.outbox.loopIndices { self.outbox.add(event, to: loop) }
        self.flushSoon()
    }

    private func tick(now: NIODeadline) {
        self.takeOutLeaving(now: now)
        self.takeOutLostNodes(now: now)
        self.tellPresence(now: now)
        self.tellTyping(now: now)
        self.closeIdleRooms(now: now)
        self.beat(now: now)
        self.probeLink(now: now)
        self.posts.expire(now: now)
        self.compareQuietRooms(now: now)
        self.compareInboxes(now: now)
        self.tellHealth(now: now)
    }
}

@available(*, unavailable)
extension RoomHub: Sendable {}
