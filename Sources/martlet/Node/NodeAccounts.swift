import ChatCore
import ChatGateway
import ChatRedis
import Logging
import NIOCore
import RedisClient
import ServiceLifecycle

/// The node's link for accounts, as a service: it ends when everything that needs it has ended.
struct NodeAccounts: Service, CustomStringConvertible {
    /// `nil`: there are no accounts.
    let auth: AuthService?
    let store: (any Accounts)?
    private let link: NIOLoopBound<RedisCommandLink>?

    /// Gives all loops what they need; the link begins to connect.
    static func start(
        _ blueprint: NodeBlueprint, loops: NodeLoops, tokens: SignedTokens, on eventLoop: any EventLoop
    ) async throws -> NodeAccounts {
        guard blueprint.configuration.accounts else { return NodeAccounts(auth: nil, store: nil, link: nil) }
        let (accounts, link) = try await eventLoop.submit {
            let link = blueprint.commandLink(on: eventLoop, name: "accounts")
            link.start()
            return (
                RedisAccounts(link: link, keys: blueprint.keys), NIOLoopBound(link, eventLoop: eventLoop)
            )
        }.get()
        await loops.forEach { $0.sessions.value.accounts = accounts }
        await Self.checkOperators(of: blueprint, in: accounts, over: link)
        let limits = AuthService.Limits(
            registrations: blueprint.configuration.registrations, failedLogins: blueprint.configuration.failedLogins)
        let auth = AuthService(accounts: accounts, tokens: tokens, identities: tokens, limits: limits)
        return NodeAccounts(auth: auth, store: accounts, link: link)
    }

    /// An operator's name that nobody has registered is anybody's for the asking.
    private static func checkOperators(
        of blueprint: NodeBlueprint, in accounts: RedisAccounts, over link: NIOLoopBound<RedisCommandLink>
    ) async {
        let names = blueprint.configuration.operators.names
        guard !names.isEmpty else { return }
        // Where Redis does not answer the node has other troubles, and says so.
        try? await link.eventLoop.flatSubmit { link.value.whenReady(within: .seconds(5)) }.get()
        for name in names {
            let isUnknown = accounts.find(name).map { $0 == nil }
            guard (try? await isUnknown.get()) == true else { continue }
            blueprint.logger.warning(
                "an operator's account does not exist: whoever registers it runs the cluster, so do it now",
                metadata: ["name": "\(name)"])
        }
    }

    var description: String { "NodeAccounts" }

    func run() async throws {
        try? await gracefulShutdown()
        guard let link = self.link else { return }
        try? await link.eventLoop.flatSubmit { link.value.close() }.get()
    }
}
