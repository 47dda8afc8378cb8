import ChatProtocol
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import ChatCore

/// Nodes on one embedded event loop and one ``FakeRedis``; time does not pass by itself.
final class TestCluster {
    let eventLoop = EmbeddedEventLoop()
    let redis: FakeRedis

    init() {
        redis = FakeRedis(eventLoop: eventLoop)
    }

    func node(
        _ name: String = "n1", loops: Int = 1, settings: SessionLoop.Settings = .init(),
        hub: RoomHub.Settings = .init()
    ) throws -> TestNode {
        TestNode(try #require(NodeID(name)), loops: loops, settings: settings, hub: hub, redis: redis)
    }

    func run() { eventLoop.run() }
}

/// A hub and its session loops.
final class TestNode {
    let store: FakeStore
    let hub: RoomHub
    let loops: [SessionLoop]
    let eventLoop: EmbeddedEventLoop

    init(
        _ node: NodeID, loops count: Int, settings: SessionLoop.Settings, hub hubSettings: RoomHub.Settings,
        redis: FakeRedis
    ) {
        let store = FakeStore(redis: redis, node: node)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let loops = (0..<count).map { index in
            SessionLoop(
                node: node, eventLoop: redis.eventLoop, index: index, log: store, directory: store, profiles: store,
                conversations: store, policies: store,
                identities: FakeIdentities(), settings: settings, logger: logger
            )
        }
        let hub = RoomHub(
            node: node,
            eventLoop: redis.eventLoop,
            stores: .init(
                log: store, presence: store, directory: store, profiles: store, policies: store, subscriptions: store),
            loops: loops.map { LoopHandle($0) },
            settings: hubSettings,
            logger: logger
        )
        for loop in loops {
            loop.hub = HubHandle(hub)
            loop.accounts = FakeAccounts(eventLoop: redis.eventLoop)
            loop.attachments = SessionAttachments(store: redis.attachments, links: FakeLinks())
        }
        self.store = store
        self.hub = hub
        self.loops = loops
        self.eventLoop = redis.eventLoop
    }

    func connect(loop: Int = 0, dialect: any SessionDialect = FrameDialect()) -> TestClient {
        let output = FakeOutput()
        return TestClient(session: loops[loop].begin(dialect, output: output), output: output, eventLoop: eventLoop)
    }

    /// What the hub does ten times a second, as if it were that much later.
    func tick(after delay: TimeAmount = .zero) {
        eventLoop.run()
        let now = NIODeadline.now() + delay
        hub.takeOutLeaving(now: now)
        hub.takeOutLostNodes(now: now)
        hub.tellPresence(now: now)
        hub.tellTyping(now: now)
        hub.closeIdleRooms(now: now)
        eventLoop.run()
    }

    func beat() {
        hub.health.nextBeat = .distantPast
        hub.beat(now: .now())
        eventLoop.run()
    }
}

/// Tokens that can be read: `token/<user>/<name>`, of accounts with `/<expiresAt>/<generation>` behind; of operators they
/// begin with `operator`, and `scoped/<user>/<name>/<room>` lets nobody into another room.
struct FakeIdentities: Identities {
    var allowsGuests: Bool { true }

    func verify(_ token: String) -> Identity? {
        let parts = token.split(separator: "/").map(String.init)
        if parts.count == 4, parts[0] == "scoped", let user = UserID(parts[1]), let name = DisplayName(parts[2]) {
            return Identity(user: user, name: name, scope: RoomScope([parts[3]]))
        }
        if parts.count == 3, parts[0] == "operator", let user = UserID(parts[1]), let name = DisplayName(parts[2]) {
            return Identity(user: user, name: name, isOperator: true)
        }
        guard parts.count == 3 || parts.count == 5, parts[0] == "token", let user = UserID(parts[1]),
            let name = DisplayName(parts[2])
        else {
            return nil
        }
        guard parts.count == 5 else { return Identity(user: user, name: name) }
        return Identity(user: user, name: name, expiresAt: Int64(parts[3]), generation: Int(parts[4]))
    }

    func guestToken(for user: UserID, name: DisplayName) -> String {
        "token/\(user)/\(name)"
    }
}
