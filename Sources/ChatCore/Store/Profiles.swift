public import ChatProtocol
public import NIOCore

/// What users have set for themselves, for all their sessions on all nodes. One instance serves one event loop.
public protocol Profiles: AnyObject {
    func profile(of user: UserID) -> EventLoopFuture<Profile>

    /// Stores the status and tells every node that has sessions of the user to read the profile again.
    ///
    /// It lasts until the user is on no node any more.
    func setStatus(_ status: UserStatus, of user: UserID) -> EventLoopFuture<Void>

    /// Stores whether others are shown what the user has read, and tells as above.
    func setShowsReading(_ isShown: Bool, of user: UserID) -> EventLoopFuture<Void>

    /// Blocks somebody, or no longer, and tells as above.
    ///
    /// - Returns: false when the user has blocked too many others already; then nothing is changed.
    func setBlocked(_ isBlocked: Bool, _ other: UserID, by user: UserID) -> EventLoopFuture<Bool>

    /// What is known of a user to whom somebody wants to say something.
    func recipient(_ user: UserID, from sender: UserID) -> EventLoopFuture<Recipient>

    /// Notes that a user has written to another, who may answer from then on as often as they like.
    func noteContact(from sender: UserID, to user: UserID)
}

public enum Recipient: Sendable, Equatable {
    case known
    /// Has never written to the sender, as far as is known.
    case stranger
    /// Never seen, or forgotten.
    case unknown
    /// The user has blocked the sender.
    case blocking
}

public struct Profile: Sendable, Equatable {
    public var status: UserStatus
    /// Whether others are shown what the user has read.
    public var showsReading: Bool
    /// Who may not write to the user, and is not heard by the user otherwise either.
    public var blocked: Set<UserID>

    /// What keeps the user out of the cluster.
    public var ban: ClusterBan?

    public init(
        status: UserStatus = .online, showsReading: Bool = true, blocked: Set<UserID> = [], ban: ClusterBan? = nil
    ) {
        self.ban = ban
        self.status = status
        self.showsReading = showsReading
        self.blocked = blocked
    }

    /// The ban that holds now, by Redis's clock.
    func ban(at now: Int64) -> ClusterBan? {
        guard let ban, ban.until.map({ $0 > now }) ?? true else { return nil }
        return ban
    }

    func hides(_ other: UserID) -> Bool { self.blocked.contains(other) }
}

public struct ClusterBan: Sendable, Equatable {
    /// Milliseconds since the Unix epoch by Redis's clock; `nil`: for good.
    public var until: Int64?
    public var reason: String?

    public init(until: Int64?, reason: String?) {
        self.until = until
        self.reason = reason
    }
}
