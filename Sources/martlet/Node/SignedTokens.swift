import ChatCore
import ChatProtocol
import Crypto
import Foundation
import NIOCore

/// Session tokens: who somebody is, signed with the cluster's secret, so that every node knows its own kind.
///
/// A token is `base64url(JSON) . base64url(HMAC-SHA256 of the first part)`. It holds nothing secret, but whoever has it
/// is that user. There is one algorithm, and nothing in a token chooses it. What is signed for one purpose is signed with
/// a key of its own and is good for no other.
struct SignedTokens: Identities, AccountTokens {
    let allowsGuests: Bool
    private let operators: Operators
    private let sessionKey: SigningKey
    private let refreshKey: SigningKey
    private let sessionLifetime: Int64
    private let refreshLifetime: Int64
    private let now: @Sendable () -> Int64

    init(
        secret: some ContiguousBytes,
        allowsGuests: Bool = true,
        operators: Operators = Operators(),
        sessionLifetime: Duration = .seconds(900),
        refreshLifetime: Duration = .seconds(30 * 86_400),
        now: @escaping @Sendable () -> Int64 = { WallClock.milliseconds() }
    ) {
        let secret = secret.withUnsafeBytes { Data($0) }
        self.allowsGuests = allowsGuests
        self.operators = operators
        self.sessionKey = SigningKey(SymmetricKey(data: SHA256.hash(data: secret)))
        let purpose = Data("martlet refresh tokens".utf8)
        self.refreshKey = SigningKey(
            SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: purpose, using: SymmetricKey(data: secret))))
        self.sessionLifetime = sessionLifetime.components.seconds * 1_000
        self.refreshLifetime = refreshLifetime.components.seconds * 1_000
        self.now = now
    }

    // MARK: Sessions

    func guestToken(for user: UserID, name: DisplayName) -> String {
        Self.sign(Identity(user: user, name: name), with: self.sessionKey)
    }

    func verify(_ token: String) -> Identity? {
        guard var identity = Self.read(token, with: self.sessionKey, now: self.now()) else { return nil }
        // An account's token always ends; a guest's is good only where guests are.
        let isAccount = identity.generation != nil
        guard isAccount || self.allowsGuests && identity.user.isGuest else { return nil }
        // In an account's token stands the name that it logs in with, whatever it is called at the moment.
        identity.isOperator = self.operators.include(identity.user, login: isAccount ? identity.name : nil)
        return identity
    }

    // MARK: Accounts

    func sessionToken(for account: Account, now: Int64) -> Token {
        let identity = Self.identity(account, expiresAt: now + self.sessionLifetime)
        return Token(text: Self.sign(identity, with: self.sessionKey), expiresAt: now + self.sessionLifetime)
    }

    func refreshToken(for account: Account, now: Int64) -> Token {
        let identity = Self.identity(account, expiresAt: now + self.refreshLifetime)
        return Token(text: Self.sign(identity, with: self.refreshKey), expiresAt: now + self.refreshLifetime)
    }

    func verifyRefresh(_ token: String, now: Int64) -> (user: UserID, generation: Int)? {
        guard let identity = Self.read(token, with: self.refreshKey, now: now), let generation = identity.generation
        else { return nil }
        return (identity.user, generation)
    }

    private static func identity(_ account: Account, expiresAt: Int64) -> Identity {
        Identity(user: account.user, name: account.name, expiresAt: expiresAt, generation: account.generation)
    }

    // MARK: The form of all

    private static func sign(_ identity: Identity, with key: SigningKey) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.field("user", identity.user.string)
        json.field("name", identity.name.string)
        if let expiresAt = identity.expiresAt { json.field("expiresAt", expiresAt) }
        if let generation = identity.generation { json.field("generation", generation) }
        json.endObject()
        let claims = json.buffer.withUnsafeReadableBytes { Base64URL.encode($0) }
        let signature = key.code(for: claims)
        return claims + "." + signature.withUnsafeBytes { Base64URL.encode($0) }
    }

    private static func read(_ token: String, with key: SigningKey, now: Int64) -> Identity? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard token.utf8.count <= 1_024, parts.count == 2, let signature = Base64URL.decode(parts[1]),
            key.code(for: parts[0]) == signature,
            let claims = Base64URL.decode(parts[0]), let json = try? JSONValue.parse(.init(bytes: claims)),
            let user = json["user"]?.string.flatMap({ UserID($0) }),
            let name = json["name"]?.string.flatMap({ DisplayName($0) })
        else { return nil }
        let expiresAt = json["expiresAt"]?.integer
        if let expiresAt, expiresAt <= now { return nil }
        let generation = json["generation"]?.integer.flatMap { Int(exactly: $0) }
        guard (generation == nil) == (expiresAt == nil) else { return nil }
        return Identity(user: user, name: name, expiresAt: expiresAt, generation: generation)
    }
}
