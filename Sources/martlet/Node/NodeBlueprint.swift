import ChatCore
import ChatGateway
import ChatProtocol
import ChatRedis
import Logging
import NIOCore
import RedisClient

/// What a node is made of, from its configuration: the settings of each part, and how to make what several loops need.
struct NodeBlueprint: Sendable {
    let configuration: NodeConfiguration
    let endpoint: RedisEndpoint
    let node: NodeID
    let keys: RedisKeys
    let logger: Logger

    init(_ configuration: NodeConfiguration, endpoint: RedisEndpoint, logger: Logger) throws {
        guard let node = NodeID(newLifeOf: configuration.node) else {
            throw UserFacingError("'\(configuration.node)' cannot be a node's name: set another with --node")
        }
        self.configuration = configuration
        self.endpoint = endpoint
        self.node = node
        self.keys = RedisKeys(prefix: configuration.prefix)
        self.logger = logger
    }

    var stores: RedisStoreSettings {
        var settings = RedisStoreSettings()
        settings.retention = self.configuration.retention
        settings.replicas = self.configuration.ackReplicas
        settings.replicaTimeout = TimeAmount(self.configuration.ackTimeout)
        settings.attachmentsPerRoom = self.configuration.attachmentsPerRoom
        settings.lease = TimeAmount(self.configuration.lease)
        return settings
    }

    var sessions: SessionLoop.Settings {
        var settings = SessionLoop.Settings(
            limits: Limits(
                frameBytes: self.configuration.frameLimit,
                textBytes: self.configuration.textLimit,
                rooms: self.configuration.roomsPerSession,
                burst: self.configuration.burst,
                framesPerSecond: Int(self.configuration.rate.rounded(.up)),
                attachmentBytes: self.configuration.attachmentLimit
            ),
            pingInterval: TimeAmount(self.configuration.pingInterval),
            helloTimeout: TimeAmount(self.configuration.helloTimeout)
        )
        settings.compression.threshold = self.configuration.compressionThreshold
        // Replicas answer later than the entry comes: deliveries would wait for what is there.
        if self.configuration.ackReplicas > 0 { settings.gatherFrom = .max }
        return settings
    }

    var hub: RoomHub.Settings {
        var settings = RoomHub.Settings(
            grace: TimeAmount(self.configuration.grace),
            heartbeat: TimeAmount(self.configuration.heartbeat),
            lease: TimeAmount(self.configuration.lease),
            largeRoom: self.configuration.largeRoom
        )
        settings.sessionsPerUser = self.configuration.sessionsPerUser
        // What the log has forgotten is not shown from memory, where nobody could delete it.
        settings.recent.entries = min(settings.recent.entries, self.configuration.retention)
        return settings
    }

    func gateway(webRoot: String?, certificate: ServerCertificate?) -> GatewayConfiguration {
        GatewayConfiguration(
            host: self.configuration.host,
            port: self.configuration.port,
            messageLimit: self.configuration.frameLimit,
            binaryLimit: self.binaryLimit,
            outbound: OutboundConfiguration(byteLimit: self.configuration.outboundLimit),
            frontDoor: FrontDoorConfiguration(
                trustedProxies: self.configuration.trustedProxies,
                origins: self.configuration.origins,
                connectionsPerAddress: self.configuration.connectionsPerAddress,
                expectsProxyHeader: self.configuration.proxyProtocol
            ),
            certificate: certificate,
            compresses: self.configuration.compression,
            webRoot: webRoot
        )
    }

    /// A little more than there can be: what is only a little too large is told so, and the session lives on.
    private var binaryLimit: Int {
        let limit = self.configuration.attachmentLimit
        return limit == 0 ? 0 : limit + AttachmentHeader.limit + 64 * 1024
    }

    private func link(name: String) -> RedisLinkConfiguration {
        var link = RedisLinkConfiguration()
        link.commandDeadline = TimeAmount(self.configuration.redisDeadline)
        link.trust(self.configuration.redisRoots)
        link.clientName = "\(self.node)-\(name)"
        return link
    }

    func tokens(secret: [UInt8]) -> SignedTokens {
        SignedTokens(
            secret: secret, allowsGuests: self.configuration.guests, operators: self.configuration.operators,
            sessionLifetime: self.configuration.tokenLifetime,
            refreshLifetime: self.configuration.refreshLifetime
        )
    }

    /// Must be called on the event loop.
    func commandLink(on eventLoop: any EventLoop, name: String) -> RedisCommandLink {
        RedisCommandLink(
            endpoint: self.endpoint,
            eventLoop: eventLoop,
            scripts: RedisScripts.all,
            configuration: self.link(name: name),
            logger: self.logger
        )
    }

    /// Must be called on the event loop.
    func attachmentLink(on eventLoop: any EventLoop) -> RedisCommandLink {
        var configuration = self.link(name: "attachments")
        // Megabytes take longer than messages, and nothing waits behind them.
        configuration.commandDeadline = max(configuration.commandDeadline, .seconds(10))
        return RedisCommandLink(
            endpoint: self.endpoint, eventLoop: eventLoop, configuration: configuration, logger: self.logger)
    }

    /// Must be called on the event loop.
    func subscriberLink(on eventLoop: any EventLoop) -> RedisSubscriberLink {
        RedisSubscriberLink(
            endpoint: self.endpoint,
            eventLoop: eventLoop,
            configuration: self.link(name: "subscriber"),
            logger: self.logger
        )
    }

    func allowances(over link: RedisCommandLink) -> RedisAllowances {
        let configuration = self.configuration
        let rate = Int(configuration.rate.rounded(.up))
        let frames = max(4 * configuration.burst, 20 * rate)
        return RedisAllowances(
            link: link, keys: self.keys,
            limits: [
                .frames: configuration.userFrames ?? Allowance(frames, per: 5_000), .joins: configuration.userJoins,
                .strangers: configuration.strangerMessages, .uploads: configuration.userUploads,
                .renames: configuration.userRenames,
            ])
    }

    func profiles(over link: RedisCommandLink) -> RedisProfiles {
        RedisProfiles(link: link, keys: self.keys, settings: self.stores)
    }

    func conversations(over link: RedisCommandLink) -> RedisConversations {
        RedisConversations(link: link, keys: self.keys, settings: self.stores, logger: self.logger)
    }

    func policies(over link: RedisCommandLink) -> RedisRoomPolicies {
        RedisRoomPolicies(link: link, keys: self.keys, settings: self.stores, logger: self.logger)
    }

    func directory(over link: RedisCommandLink) -> RedisDirectory {
        RedisDirectory(link: link, keys: self.keys, node: self.node, settings: self.stores, logger: self.logger)
    }
}
