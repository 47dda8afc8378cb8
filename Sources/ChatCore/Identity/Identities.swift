public import ChatProtocol

/// Who somebody proved to be.
public struct Identity: Sendable, Equatable {
    public var user: UserID
    public var name: DisplayName
    /// Until when the proof is good, in milliseconds since the Unix epoch; `nil`: it does not end.
    public var expiresAt: Int64?
    /// Of an account: the generation of its tokens that the proof belongs to (``Account/generation``).
    public var generation: Int?
    /// Whether the user runs the cluster: may do in every room what its owner may, and see to nodes and users.
    public var isOperator: Bool
    /// The rooms that the user is let into; `nil`: whichever let the user in.
    public var scope: RoomScope?

    public init(
        user: UserID, name: DisplayName, expiresAt: Int64? = nil, generation: Int? = nil, isOperator: Bool = false,
        scope: RoomScope? = nil
    ) {
        self.user = user
        self.name = name
        self.expiresAt = expiresAt
        self.generation = generation
        self.isOperator = isOperator
        self.scope = scope
    }
}

/// Gives and checks the tokens that keep somebody's identity over reconnects, on any node.
public protocol Identities: Sendable {
    /// Whether one may be here without having proved anything.
    var allowsGuests: Bool { get }

    /// - Returns: `nil` for a token that is forged, damaged or expired.
    func verify(_ token: String) -> Identity?
    func token(for identity: Identity) -> String
}
