public import ChatProtocol

/// Who somebody proved to be.
public struct Identity: Sendable, Equatable {
    public var user: UserID
    public var name: DisplayName

    public init(user: UserID, name: DisplayName) {
        self.user = user
        self.name = name
    }
}

/// Gives and checks the tokens that keep somebody's identity over reconnects, on any node.
public protocol Identities: Sendable {
    /// - Returns: `nil` for a token that is forged, damaged or expired.
    func verify(_ token: String) -> Identity?
    func token(for identity: Identity) -> String
}
