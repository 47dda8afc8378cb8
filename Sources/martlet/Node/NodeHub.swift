import ChatCore
import ChatRedis
import Logging
import NIOCore
import RedisClient
import ServiceLifecycle

/// The node's hub and its links to Redis, as a service: it ends when everything that needs it has ended.
struct NodeHub: Service, CustomStringConvertible {
    let handle: HubHandle
    private let loops: NodeLoops
    private let presence: NIOLoopBound<RedisPresenceStore>
    private let subscriber: NIOLoopBound<RedisSubscriberLink>
    private let logger: Logger
    private let grace: TimeAmount

    static func start(
        _ blueprint: NodeBlueprint, loops: NodeLoops, secret: [UInt8], on eventLoop: any EventLoop
    ) async throws -> NodeHub {
        guard let own = loops.members.first(where: { $0.eventLoop === eventLoop }) ?? loops.members.first else {
            throw UserFacingError("a node needs one thread at least: set --threads")
        }
        let hub = try await own.eventLoop.submit {
            Self.make(blueprint, loops: loops, own: own, secret: String(decoding: secret, as: UTF8.self))
        }.get()
        for member in loops.members {
            try await member.eventLoop.flatSubmit { member.link.value.whenReady(within: .seconds(5)) }.get()
        }
        try await own.eventLoop.flatSubmit { hub.subscriber.value.whenReady(within: .seconds(5)) }.get()
        await loops.forEach { member in
            member.sessions.value.hub = hub.handle
            member.sessions.value.start()
        }
        hub.handle.execute { $0.start() }
        return hub
    }

    private static func make(
        _ blueprint: NodeBlueprint, loops: NodeLoops, own: NodeLoops.Member, secret: String
    ) -> NodeHub {
        let link = own.link.value
        let subscriber = blueprint.subscriberLink(on: own.eventLoop)
        let configuration = blueprint.configuration
        let presence = RedisPresenceStore(
            link: link,
            keys: blueprint.keys,
            node: blueprint.node,
            description: NodeDescription(
                name: configuration.node, address: "\(configuration.host):\(configuration.port)",
                version: Version.current
            ),
            settings: blueprint.stores,
            logger: blueprint.logger
        )
        let hub = RoomHub(
            node: blueprint.node,
            eventLoop: own.eventLoop,
            stores: RoomHub.Stores(
                log: RedisMessageLog(link: link, keys: blueprint.keys, settings: blueprint.stores),
                presence: presence,
                directory: blueprint.directory(over: link),
                profiles: blueprint.profiles(over: link),
                policies: blueprint.policies(over: link),
                subscriptions: RedisSubscriptions(link: subscriber, keys: blueprint.keys)
            ),
            loops: loops.handles,
            settings: blueprint.hub,
            logger: blueprint.logger
        )
        let handle = HubHandle(hub)
        let sessions = own.sessions.value
        link.onStateChange = { state in
            sessions.commandsChanged(isUp: state == .ready)
            handle.execute { $0.commandsChanged(isUp: state == .ready) }
        }
        if configuration.secret == nil {
            let secrets = TokenSecretStore(link: link, keys: blueprint.keys)
            hub.onHeartbeat = { _ = secrets.reassert(secret) }
        }
        subscriber.start()
        return NodeHub(
            handle: handle,
            loops: loops,
            presence: NIOLoopBound(presence, eventLoop: own.eventLoop),
            subscriber: NIOLoopBound(subscriber, eventLoop: own.eventLoop),
            logger: blueprint.logger,
            grace: blueprint.hub.grace
        )
    }

    var description: String { "NodeHub" }

    func run() async throws {
        try? await gracefulShutdown()
        let presence = self.presence
        let subscriber = self.subscriber
        let grace = self.grace
        self.handle.execute { $0.stop() }
        // The shares stay until the lease ends: whoever moved to another node is shown all the while.
        try? await self.handle.eventLoop.flatSubmit { presence.value.resign(grace: grace) }.get()
        await self.loops.forEach { member in
            member.sessions.value.stop()
            member.link.value.close()
        }
        try? await self.handle.eventLoop.flatSubmit { subscriber.value.close() }.get()
    }
}
