public import ChatCore
import ChatProtocol
import NIOCore
import NIOPosix
import Synchronization

/// Lets operators in, and nobody else: the rules, without HTTP.
public final class OperatorGate: Sendable {
    private let identities: any Identities
    private let accounts: (any Accounts)?
    private let pace = Mutex<[UserID: RateLimiter]>([:])

    /// - Parameter accounts: `nil`: there are none.
    public init(identities: any Identities, accounts: (any Accounts)?) {
        self.identities = identities
        self.accounts = accounts
    }

    /// - Parameters:
    ///   - token: as in `hello`.
    ///   - now: nanoseconds, never going back.
    /// - Returns: the operator.
    func admit(_ token: String?, now: UInt64) async throws(OperatorRefusal) -> Identity {
        guard let token else { throw .unauthorized }
        let identity = try await self.identity(of: token)
        if let generation = identity.generation, let accounts = self.accounts {
            let account: Account?
            do {
                account = try await accounts.find(identity.user).get()
            } catch {
                throw .unavailable
            }
            // Logged out since the token was given.
            guard let account, account.generation <= generation else { throw .unauthorized }
        }
        guard identity.isOperator else { throw .forbidden }
        if let wait = self.wait(identity.user, now: now) { throw .tooMany(retryAfter: Int64(wait / 1_000_000) + 1) }
        return identity
    }

    private func identity(of token: String) async throws(OperatorRefusal) -> Identity {
        do {
            return try await self.identities.verify(token, on: MultiThreadedEventLoopGroup.singleton.any()).get()
        } catch StoreError.unavailable {
            throw .unavailable
        } catch {
            throw .unauthorized
        }
    }

    /// Nanoseconds until the operator may ask again; `nil`: now.
    private func wait(_ user: UserID, now: UInt64) -> UInt64? {
        self.pace.withLock { pace in
            // Whoever is forgotten may ask a few times more at once.
            if pace.count >= Self.remembered, pace[user] == nil { pace.removeAll() }
            return pace[user, default: RateLimiter()].allow(now: now, perSecond: Self.perSecond, burst: Self.burst)
        }
    }

    /// Requests of one operator, on this node.
    private static let perSecond = 10
    private static let burst = 40
    private static let remembered = 1_000
}

/// What operators may ask for: who they are, and what they see.
public struct OperatorAPI: Sendable {
    let gate: OperatorGate
    let overview: any ClusterOverview

    public init(gate: OperatorGate, overview: any ClusterOverview) {
        self.gate = gate
        self.overview = overview
    }
}

enum OperatorRefusal: Error, Equatable {
    case unauthorized
    case forbidden
    case tooMany(retryAfter: Int64)
    case unavailable
}
