import ChatCore
import ChatProtocol
import ExternalTokens
import NIOCore

/// The three ways to be somebody: guests and accounts, whose tokens the cluster signs, and users of others.
struct NodeIdentities: Identities {
    let own: SignedTokens
    /// `nil`: nobody else's tokens are good here.
    let external: ExternalTokens?

    var allowsGuests: Bool { self.own.allowsGuests }

    func verify(_ token: String) -> Identity? { self.own.verify(token) }

    func verify(_ token: String, on eventLoop: any EventLoop) -> EventLoopFuture<Identity> {
        if let external = self.external, ExternalTokens.mayBe(token) {
            return eventLoop.makeFutureWithTask { try await external.verify(token) }
        }
        return self.own.verify(token, on: eventLoop)
    }

    func guestToken(for user: UserID, name: DisplayName) -> String {
        self.own.guestToken(for: user, name: name)
    }
}
