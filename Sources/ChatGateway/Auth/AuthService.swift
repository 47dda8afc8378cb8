public import ChatCore
import ChatProtocol
import NIOCore

/// What `/auth/*` does: the rules, without HTTP.
public struct AuthService: Sendable {
    private let accounts: any Accounts
    private let tokens: any AccountTokens
    private let identities: any Identities
    private let hasher: PasswordHasher

    private let limits: Limits

    /// What one address may do.
    public struct Limits: Sendable {
        public var registrations: Allowance
        public var failedLogins: Allowance

        public init(
            registrations: Allowance = Allowance(30, per: 1_800_000),
            failedLogins: Allowance = Allowance(10, per: 300_000)
        ) {
            self.registrations = registrations
            self.failedLogins = failedLogins
        }
    }

    public init(
        accounts: any Accounts, tokens: any AccountTokens, identities: any Identities, limits: Limits = Limits()
    ) {
        self.init(
            accounts: accounts, tokens: tokens, identities: identities, hasher: PasswordHasher(), limits: limits)
    }

    init(
        accounts: any Accounts, tokens: any AccountTokens, identities: any Identities, hasher: PasswordHasher,
        limits: Limits = Limits()
    ) {
        self.limits = limits
        self.accounts = accounts
        self.tokens = tokens
        self.identities = identities
        self.hasher = hasher
    }

    /// Somebody with an account and the tokens to use it.
    struct Grant: Sendable {
        var account: Account
        var session: Token
        var refresh: Token
    }

    @concurrent func register(name: String, password: String, address: String) async throws -> Grant {
        let name = try Self.name(name)
        try Self.check(password)
        try await self.count(Attempt(name: "register \(address)", self.limits.registrations))
        let hash = try await self.hash { try await self.hasher.hash(password) }
        let account = Account(user: .randomAccount(), name: name, password: hash, generation: 1)
        guard try await self.stored(self.accounts.create(account)) else { throw AuthError.nameTaken }
        return self.grant(account)
    }

    /// A wrong name and a wrong password are told in the same words after the same time.
    @concurrent func login(name: String, password: String, address: String) async throws -> Grant {
        guard let name = DisplayName(name), password.utf8.count <= Self.passwordBytes else {
            throw AuthError.unauthorized("the name or the password is wrong")
        }
        let attempts = [
            Attempt(name: "login \(address)", self.limits.failedLogins),
            Attempt(name: "name \(name.folded)", burst: 50, interval: 60_000),
        ]
        for attempt in attempts { try await self.count(attempt) }
        let account = try await self.stored(self.accounts.find(name))
        let isRight = try await self.hash { try await self.hasher.isRight(password, for: account?.password) }
        guard let account, isRight else { throw AuthError.unauthorized("the name or the password is wrong") }
        // Only failures count.
        for attempt in attempts { self.accounts.forgive(attempt) }
        return self.grant(account)
    }

    @concurrent func changePassword(
        _ token: String?, from password: String, to newPassword: String, address: String
    ) async throws -> Grant {
        var account = try await self.account(token)
        try Self.check(newPassword)
        let attempt = Attempt(name: "login \(address)", self.limits.failedLogins)
        try await self.count(attempt)
        let isRight = try await self.hash { try await self.hasher.isRight(password, for: account.password) }
        guard isRight else { throw AuthError.unauthorized("the password is wrong") }
        self.accounts.forgive(attempt)
        let hash = try await self.hash { try await self.hasher.hash(newPassword) }
        guard let generation = try await self.stored(self.accounts.endSessions(of: account.user, password: hash)) else {
            throw AuthError.unauthorized("there is no such account any more")
        }
        account.generation = generation
        return self.grant(account)
    }

    /// Everywhere: all tokens of the user become void, and all sessions end.
    @concurrent func logout(_ token: String?) async throws {
        let account = try await self.account(token)
        _ = try await self.stored(self.accounts.endSessions(of: account.user, password: nil))
    }

    @concurrent func refresh(_ token: String) async throws -> Grant {
        let void = AuthError.unauthorized("the token is not valid: log in again")
        guard let claim = self.tokens.verifyRefresh(token, now: WallClock.milliseconds()) else { throw void }
        guard let account = try await self.stored(self.accounts.find(claim.user)),
            account.generation <= claim.generation
        else { throw void }
        return self.grant(account)
    }

    // MARK: Parts

    private func account(_ token: String?) async throws -> Account {
        let void = AuthError.unauthorized("the token is not valid: log in again")
        guard let token, let identity = self.identities.verify(token), let generation = identity.generation,
            let account = try await self.stored(self.accounts.find(identity.user)), account.generation <= generation
        else { throw void }
        return account
    }

    private func grant(_ account: Account) -> Grant {
        let now = WallClock.milliseconds()
        return Grant(
            account: account, session: self.tokens.sessionToken(for: account, now: now),
            refresh: self.tokens.refreshToken(for: account, now: now)
        )
    }

    private func count(_ attempt: Attempt) async throws {
        guard attempt.burst > 0 else { return }
        let wait = try await self.stored(self.accounts.attempt(attempt))
        guard wait == 0 else { throw AuthError.tooMany(retryAfter: wait) }
    }

    private func stored<Value: Sendable>(_ future: EventLoopFuture<Value>) async throws -> Value {
        do {
            return try await future.get()
        } catch {
            throw AuthError.unavailable("Redis cannot be reached")
        }
    }

    private func hash<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch is PasswordHasher.Busy {
            throw AuthError.unavailable("too many log in at once")
        }
    }

    private static func name(_ text: String) throws -> DisplayName {
        guard let name = DisplayName(text) else {
            throw AuthError.badRequest("'name' has \(DisplayName.rule)")
        }
        return name
    }

    private static let passwordBytes = 256

    private static func check(_ password: String) throws {
        guard password.count >= 8, password.utf8.count <= Self.passwordBytes else {
            throw AuthError.badRequest("a password has 8 characters at least and \(Self.passwordBytes) bytes at most")
        }
    }
}

/// Why a request was refused.
enum AuthError: Error, Equatable {
    case badRequest(String)
    case unauthorized(String)
    case nameTaken
    case tooMany(retryAfter: Int64)
    case unavailable(String)
}
