public import ChatProtocol
public import NIOCore

/// What users have set for themselves, for all their sessions on all nodes. One instance serves one event loop.
public protocol Profiles: AnyObject {
    func profile(of user: UserID) -> EventLoopFuture<Profile>

    /// Stores the status and tells every node that has sessions of the user to read the profile again.
    ///
    /// It lasts until the user is on no node any more.
    func setStatus(_ status: UserStatus, of user: UserID) -> EventLoopFuture<Void>
}

public struct Profile: Sendable, Equatable {
    public var status: UserStatus

    public init(status: UserStatus = .online) {
        self.status = status
    }
}
