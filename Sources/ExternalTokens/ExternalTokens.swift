public import ChatCore
import ChatProtocol
public import Logging
public import NIOCore

/// Checks tokens that others have signed: who is it, and may they come in? Its issuers and their keys are all it believes;
/// nothing in a token says where a key is (`jku`, `x5u`, `jwk`, `x5c` are not looked at).
///
/// May be called from anywhere. Checking never happens on the caller's event loop.
public final class ExternalTokens: Sendable {
    private let issuers: [String: IssuerKeys]
    private let operators: Operators
    private let fetch: KeyFetch
    private let now: @Sendable () -> Int64

    /// - Parameters:
    ///   - issuers: of different names and prefixes.
    ///   - operators: who runs the cluster besides those whose issuer says so.
    public init(
        _ issuers: [Issuer],
        operators: Operators = Operators(),
        on group: any EventLoopGroup,
        logger: Logger,
        now: @escaping @Sendable () -> Int64 = { WallClock.milliseconds() }
    ) {
        let fetch = KeyFetch(on: group)
        self.fetch = fetch
        self.operators = operators
        self.now = now
        let keys = issuers.map { ($0.name, IssuerKeys($0, fetch: fetch, logger: logger)) }
        self.issuers = Dictionary(keys) { first, _ in first }
    }

    /// Reads all keys the first time. An issuer's URL that does not answer is tried again later, and said in the log.
    ///
    /// - Throws: an error that says which file cannot be used, and why.
    public func begin() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for keys in self.issuers.values { group.addTask { try await keys.begin() } }
            try await group.waitForAll()
        }
    }

    /// Keeps the keys up to date until the task is cancelled.
    public func keep() async {
        await withTaskGroup(of: Void.self) { group in
            for keys in self.issuers.values { group.addTask { await keys.keep() } }
        }
    }

    /// Call it once, when nothing is checked any more.
    public func close() async {
        await self.fetch.close()
    }

    /// Whether a text may be a token of an issuer's; the cluster's own look different.
    public static func mayBe(_ token: String) -> Bool { WebToken.isLike(token) }

    /// - Throws: ``InvalidToken``; or ``StoreError/unavailable(_:)`` when the issuer's keys could not be had as yet.
    @concurrent public func verify(_ text: String) async throws -> Identity {
        let token = try WebToken(text)
        // Believed only as far as to say which keys to try; ``TokenClaims`` compares it again.
        guard let name = token.claims["iss"]?.string, let keys = self.issuers[name] else {
            throw InvalidToken("the token's issuer is not known here")
        }
        guard let algorithm = SigningAlgorithm(rawValue: token.algorithm), keys.issuer.algorithms.contains(algorithm)
        else { throw InvalidToken("the issuer's tokens are signed otherwise") }
        let key = try await Self.key(of: token, algorithm, among: keys)
        guard key.isValid(token.signature, of: token.signed) else {
            throw InvalidToken("the token's signature is wrong")
        }
        return try TokenClaims(claims: token.claims, issuer: keys.issuer, operators: self.operators)
            .identity(now: self.now())
    }

    private static func key(
        of token: WebToken, _ algorithm: SigningAlgorithm, among keys: IssuerKeys
    ) async throws -> VerificationKey {
        if let key = keys.keys?.key(id: token.keyID, algorithm: algorithm) { return key }
        await keys.learn()
        guard let known = keys.keys else { throw StoreError.unavailable("the issuer's keys cannot be fetched") }
        guard let key = known.key(id: token.keyID, algorithm: algorithm) else {
            throw InvalidToken("the issuer has no such key")
        }
        return key
    }
}
