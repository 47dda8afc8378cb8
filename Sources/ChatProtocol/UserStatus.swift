/// What a user says of being reachable; one for all sessions of the user, on all nodes.
public struct UserStatus: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        case online
        case away
        case busy
    }

    public var kind: Kind
    /// A line of the user's own, at most ``Limits/statusTextBytes``; never empty.
    public var text: String?

    public static let online = UserStatus(.online)

    public init(_ kind: Kind, text: String? = nil) {
        self.kind = kind
        self.text = text
    }

    /// Reads what a store has; what is missing or unknown counts as online without a text.
    public init(kind: String?, text: String?) {
        self.init(kind.flatMap { Kind(rawValue: $0) } ?? .online, text: text.flatMap { $0.isEmpty ? nil : $0 })
    }
}
