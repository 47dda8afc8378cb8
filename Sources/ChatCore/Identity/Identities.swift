public import ChatProtocol
public import NIOCore

/// Who somebody proved to be.
public struct Identity: Sendable, Equatable {
    public var user: UserID
    public var name: DisplayName
    /// The name is what an issuer of tokens calls the user now: it counts for more than the one the user went by last.
    public var isNamedByIssuer = false
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

    /// Checks a token that a node of the cluster has made: a guest's or an account's.
    ///
    /// - Returns: `nil` for a token that is forged, damaged or expired.
    func verify(_ token: String) -> Identity?

    /// Checks a token, whoever made it.
    ///
    /// - Returns: an identity, or ``InvalidToken``, or ``StoreError/unavailable(_:)`` when it cannot be checked now.
    ///   Completes on the event loop; for the cluster's own tokens at once.
    func verify(_ token: String, on eventLoop: any EventLoop) -> EventLoopFuture<Identity>

    /// What makes the next session the same guest. It does not end.
    func guestToken(for user: UserID, name: DisplayName) -> String
}

extension Identities {
    public func verify(_ token: String, on eventLoop: any EventLoop) -> EventLoopFuture<Identity> {
        guard let identity = self.verify(token) else { return eventLoop.makeFailedFuture(InvalidToken()) }
        return eventLoop.makeSucceededFuture(identity)
    }
}

/// A token is forged, damaged, expired, or not for us.
public struct InvalidToken: Error, Equatable {
    /// For developers; nothing secret.
    public var reason: String

    public init(_ reason: String = "the token is not valid here") {
        self.reason = reason
    }
}
