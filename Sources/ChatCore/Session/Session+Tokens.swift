import ChatProtocol
import NIOCore

/// How long a session may go on under its token.
extension Session {
    /// Goes on under a younger token of the same user.
    func refreshed(_ identity: Identity) {
        guard case .open(var current) = self.phase, current.user == identity.user else { return }
        current.expiresAt = identity.expiresAt
        current.generation = identity.generation
        current.isOperator = identity.isOperator
        current.scope = identity.scope
        self.phase = .open(current)
        self.isRefreshed = true
        if identity.isOperator { self.loop.policies.noteOperator(identity.user) }
        self.leaveForbiddenRooms()
    }

    /// Closes a session whose token has ended.
    ///
    /// - Parameter at: now, in milliseconds since the Unix epoch.
    func endIfExpired(at now: Int64) {
        guard let expiresAt = self.identity?.expiresAt, expiresAt <= now else { return }
        self.close(.unauthorized, reason: "the token has expired")
    }

    /// The user has logged out everywhere: tokens of an older generation are void.
    func loggedOut(below generation: Int) {
        guard let own = self.identity?.generation, own < generation else { return }
        self.close(.unauthorized, reason: "logged out")
    }
}

extension SessionLoop {
    /// Whether nothing has made the token void that somebody proved to be this with. Guests' tokens never are.
    func isCurrent(_ identity: Identity) -> EventLoopFuture<Bool> {
        guard let generation = identity.generation else { return self.eventLoop.makeSucceededFuture(true) }
        guard let accounts = self.accounts else { return self.eventLoop.makeSucceededFuture(false) }
        return accounts.find(identity.user).map { $0.map { $0.generation <= generation } ?? false }
            .hop(to: self.eventLoop)
    }
}
