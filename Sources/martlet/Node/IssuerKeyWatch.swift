import ChatGateway
import ExternalTokens
import ServiceLifecycle

/// Keeps the keys of issuers up to date, as a service: it ends when nobody's token is checked any more.
struct IssuerKeyWatch: Service, CustomStringConvertible {
    let tokens: ExternalTokens

    var description: String { "IssuerKeyWatch" }

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.tokens.keep() }
        await self.tokens.close()
    }
}
