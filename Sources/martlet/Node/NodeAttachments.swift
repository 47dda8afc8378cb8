import ChatCore
import ChatRedis
import NIOCore
import RedisClient
import ServiceLifecycle

/// The node's link for attachments, as a service: it ends when everything that needs it has ended.
struct NodeAttachments: Service, CustomStringConvertible {
    /// `nil`: none are taken.
    let sessions: SessionAttachments?
    private let link: NIOLoopBound<RedisCommandLink>?

    /// Gives all loops what they need; the link begins to connect.
    static func start(
        _ blueprint: NodeBlueprint, loops: NodeLoops, secret: [UInt8], on eventLoop: any EventLoop
    ) async throws -> NodeAttachments {
        guard blueprint.configuration.attachmentLimit > 0 else { return NodeAttachments(sessions: nil, link: nil) }
        let links = SignedLinks(secret: secret, lifetime: blueprint.configuration.attachmentLinks)
        let attachments = try await eventLoop.submit {
            let link = blueprint.attachmentLink(on: eventLoop)
            link.start()
            let store = RedisAttachments(link: link, keys: blueprint.keys, settings: blueprint.stores)
            return NodeAttachments(
                sessions: SessionAttachments(store: store, links: links),
                link: NIOLoopBound(link, eventLoop: eventLoop)
            )
        }.get()
        await loops.forEach { $0.sessions.value.attachments = attachments.sessions }
        return attachments
    }

    var description: String { "NodeAttachments" }

    func run() async throws {
        try? await gracefulShutdown()
        guard let link = self.link else { return }
        try? await link.eventLoop.flatSubmit { link.value.close() }.get()
    }
}
