import ChatCore
import ChatProtocol
import ChatRedis
import Logging
import NIOCore
import NIOPosix
import RedisClient
import TestSupport

/// Everything one node has of Redis, on one event loop.
final class Stores {
    let keys = RedisKeys(prefix: "t:")
    let link: RedisCommandLink
    let subscriber: RedisSubscriberLink
    let log: RedisMessageLog
    let attachments: RedisAttachments
    let accounts: RedisAccounts
    let presence: RedisPresenceStore
    let directory: RedisDirectory
    let profiles: RedisProfiles
    let allowances: RedisAllowances
    let conversations: RedisConversations
    let policies: RedisRoomPolicies
    /// What came on channels and patterns that ``subscriber`` was asked for, as `CHANNEL PAYLOAD`.
    var heard: [String] = []

    init(endpoint: RedisEndpoint, eventLoop: any EventLoop, node: NodeID, settings: RedisStoreSettings) {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var configuration = RedisLinkConfiguration()
        // What a busy machine needs is not what the tests are about.
        configuration.connectTimeout = .seconds(20)
        configuration.commandDeadline = .seconds(20)
        configuration.backoff.base = .milliseconds(5)
        configuration.backoff.cap = .milliseconds(100)
        self.link = RedisCommandLink(
            endpoint: endpoint,
            eventLoop: eventLoop,
            scripts: RedisScripts.all,
            configuration: configuration,
            logger: logger
        )
        self.subscriber = RedisSubscriberLink(
            endpoint: endpoint,
            eventLoop: eventLoop,
            configuration: configuration,
            logger: logger
        )
        self.log = RedisMessageLog(link: self.link, keys: self.keys, settings: settings)
        self.accounts = RedisAccounts(link: self.link, keys: self.keys)
        self.attachments = RedisAttachments(link: self.link, keys: self.keys, settings: settings)
        self.presence = RedisPresenceStore(
            link: self.link,
            keys: self.keys,
            node: node,
            description: NodeDescription(name: "test", address: "127.0.0.1:1", version: "1"),
            settings: settings,
            logger: logger
        )
        self.directory = RedisDirectory(
            link: self.link, keys: self.keys, node: node, settings: settings, logger: logger
        )
        self.profiles = RedisProfiles(link: self.link, keys: self.keys, settings: settings)
        self.allowances = RedisAllowances(
            link: self.link, keys: self.keys,
            limits: [
                .frames: Allowance(400, per: 1_000_000), .uploads: Allowance(100, per: 600_000),
                .joins: Allowance(0, per: 1_000),
            ])
        self.conversations = RedisConversations(
            link: self.link, keys: self.keys, settings: settings, logger: logger
        )
        self.policies = RedisRoomPolicies(link: self.link, keys: self.keys, settings: settings, logger: logger)
        self.subscriber.onMessage = { [unowned self] in self.heard.append("\($0) \(String(buffer: $2))") }
        self.subscriber.onPatternMessage = { [unowned self] in self.heard.append("\($1) \(String(buffer: $2))") }
    }
}

extension Stores {
    func append(_ request: AppendRequest) -> EventLoopFuture<Appended> {
        self.log.append(request, on: self.link.eventLoop)
    }
}

/// ``Stores`` for a test that runs elsewhere: all access hops to their loop.
struct StoresOnLoop: Sendable {
    let eventLoop: any EventLoop
    let bound: NIOLoopBound<Stores>
    let keys = RedisKeys(prefix: "t:")
    /// These may be called from anywhere.
    let attachments: RedisAttachments

    /// Runs `body` on the loop.
    @discardableResult
    func callAsFunction<Result: Sendable>(
        _ body: @escaping @Sendable (Stores) throws -> Result
    ) async throws -> Result {
        try await self.eventLoop.submit { [bound] in try body(bound.value) }.get()
    }

    /// Runs `body` on the loop and waits for the future it returns.
    @discardableResult
    func wait<Result: Sendable>(
        _ body: @escaping @Sendable (Stores) -> EventLoopFuture<Result>
    ) async throws -> Result {
        try await self.eventLoop.flatSubmit { [bound] in body(bound.value) }.get()
    }

    /// Sends one command.
    @discardableResult
    func send(_ command: RedisArgument...) async throws -> RedisValue {
        try await self.wait { $0.link.send(command) }
    }

    /// How a call failed; `nil` when it did not.
    func failure<Result: Sendable>(
        _ body: @escaping @Sendable (Stores) -> EventLoopFuture<Result>
    ) async -> (any Error)? {
        do {
            try await self.wait(body)
            return nil
        } catch {
            return error
        }
    }
}

/// Runs `body` with the stores of one node, ready, and closes their links afterwards.
func withStores(
    _ server: RedisServer,
    node: String = "n-1",
    settings: RedisStoreSettings = .init(),
    _ body: (StoresOnLoop) async throws -> Void
) async throws {
    let endpoint = try RedisEndpoint(url: server.url)
    guard let node = NodeID(node) else { throw TestProblem("not a node's id: \(node)") }
    let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    let bound = try await eventLoop.submit {
        NIOLoopBound(
            Stores(endpoint: endpoint, eventLoop: eventLoop, node: node, settings: settings),
            eventLoop: eventLoop
        )
    }.get()
    let attachments = try await eventLoop.submit { bound.value.attachments }.get()
    let stores = StoresOnLoop(eventLoop: eventLoop, bound: bound, attachments: attachments)
    try await stores {
        $0.link.start()
        $0.subscriber.start()
    }
    do {
        try await stores.wait { $0.link.whenReady(within: .seconds(20)) }
        try await stores.wait { $0.subscriber.whenReady(within: .seconds(20)) }
        try await body(stores)
    } catch {
        try await stores.close()
        throw error
    }
    try await stores.close()
}

extension StoresOnLoop {
    fileprivate func close() async throws {
        try await self.wait { $0.link.close() }
        try await self.wait { $0.subscriber.close() }
    }
}

/// Runs `body` with the stores of one node on a Redis of their own.
func withStores(
    settings: RedisStoreSettings = .init(),
    _ body: (StoresOnLoop) async throws -> Void
) async throws {
    try await withRedisServer { server in try await withStores(server, settings: settings, body) }
}

struct TestProblem: Error {
    var text: String
    init(_ text: String) { self.text = text }
}

extension RedisConversations {
    /// As a session does that may be in the room.
    func come(to room: RoomName, by user: UserID) -> EventLoopFuture<UInt64?> {
        let offset = self.readOffset(of: room, by: user)
        self.visit(room, by: user)
        return offset
    }

    func conversations(of user: UserID, after: String?, limit: Int) -> EventLoopFuture<ConversationsPage> {
        self.conversations(of: user, isOperator: false, scope: nil, after: after, limit: limit)
    }
}
