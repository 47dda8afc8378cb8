public import ChatProtocol
public import NIOCore

/// Who may what in rooms, and what was done about it. One instance serves one event loop.
public protocol RoomPolicies: AnyObject {
    /// A room's policy, and Redis's clock. That of a room nobody has set up is the default.
    func policy(of room: RoomName) -> EventLoopFuture<PolicyReading>

    /// Changes a room's policy and tells every node that has the room open.
    func apply(_ change: PolicyChange, to room: RoomName) -> EventLoopFuture<PolicyOutcome>

    /// What is known of somebody whom an act concerns.
    func target(_ user: UserID) -> EventLoopFuture<ActTarget>

    /// Tells all sessions of a user, on every node, that they may come to a room.
    func tell(_ user: UserID, invitedTo room: RoomName, by: NamedUser)

    /// What was done in a room, the latest first; without a room: to the cluster.
    ///
    /// - Parameter before: the id of the entry before which to read.
    func audit(of room: RoomName?, before: String?, limit: Int) -> EventLoopFuture<AuditPage>

    // MARK: The cluster

    /// Keeps somebody out of the cluster, or no longer, and tells every node that has sessions of theirs.
    ///
    /// - Returns: false when there was no ban to take back.
    func setBan(_ ban: RoomPolicy.Record?, of user: UserID, audit: [PolicyChange.AuditField]) -> EventLoopFuture<Bool>

    /// Who is kept out of the cluster.
    func bans() -> EventLoopFuture<[ModerationItem]>

    /// Redis's clock, in milliseconds since the Unix epoch.
    func now() -> EventLoopFuture<Int64>

    /// Notes for a day that a user operates the cluster: nobody may act against them.
    func noteOperator(_ user: UserID)
}

public struct PolicyReading: Sendable, Equatable {
    public var policy: RoomPolicy
    /// When it was read, in milliseconds by Redis's clock.
    public var at: Int64

    public init(policy: RoomPolicy, at: Int64) {
        self.policy = policy
        self.at = at
    }
}

public enum PolicyOutcome: Sendable, Equatable {
    case applied
    /// The policy is another one by now: decide again.
    case stale
    case noSuchRoom
}

/// Who a room belongs to when it is created.
public struct Founder: Sendable, Equatable {
    public var user: UserID
    public var name: String

    public init(user: UserID, name: String) {
        self.user = user
        self.name = name
    }
}
