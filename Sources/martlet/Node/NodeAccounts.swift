import ChatCore
import ChatGateway
import ChatRedis
import NIOCore
import RedisClient
import ServiceLifecycle

/// The node's link for accounts, as a service: it ends when everything that needs it has ended.
struct NodeAccounts: Service, CustomStringConvertible {
    /// `nil`: there are no accounts.
    let auth: AuthService?
    private let link: NIOLoopBound<RedisCommandLink>?

    /// Gives all loops what they need; the link begins to connect.
    static func start(
        _ blueprint: NodeBlueprint, loops: NodeLoops, tokens: SignedTokens, on eventLoop: any EventLoop
    ) async throws -> NodeAccounts {
        guard blueprint.configuration.accounts else { return NodeAccounts(auth: nil, link: nil) }
        let (accounts, link) = try await eventLoop.submit {
            let link = blueprint.commandLink(on: eventLoop, name: "accounts")
            link.start()
            return (
                RedisAccounts(link: link, keys: blueprint.keys), NIOLoopBound(link, eventLoop: eventLoop)
            )
        }.get()
        await loops.forEach { $0.sessions.value.accounts = accounts }
        return NodeAccounts(auth: AuthService(accounts: accounts, tokens: tokens, identities: tokens), link: link)
    }

    var description: String { "NodeAccounts" }

    func run() async throws {
        try? await gracefulShutdown()
        guard let link = self.link else { return }
        try? await link.eventLoop.flatSubmit { link.value.close() }.get()
    }
}
