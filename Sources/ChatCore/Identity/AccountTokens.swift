public import ChatProtocol

/// Gives the tokens of accounts, and checks those that get others.
public protocol AccountTokens: Sendable {
    /// What sessions are begun with; good for a short time.
    func sessionToken(for account: Account, now: Int64) -> Token

    /// What another session token is got with; good for a long time, and for nothing else.
    func refreshToken(for account: Account, now: Int64) -> Token

    /// - Returns: `nil` for one that is forged, damaged, expired, or a session's.
    func verifyRefresh(_ token: String, now: Int64) -> (user: UserID, generation: Int)?
}

public struct Token: Sendable, Equatable {
    public var text: String
    /// Milliseconds since the Unix epoch.
    public var expiresAt: Int64

    public init(text: String, expiresAt: Int64) {
        self.text = text
        self.expiresAt = expiresAt
    }
}
