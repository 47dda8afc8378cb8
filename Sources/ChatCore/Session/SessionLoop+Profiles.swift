import ChatProtocol
import NIOCore

extension SessionLoop {
    /// A user's profile as it is stored, once this node goes by it: what a session does after the answer to its `settings` or
    /// `block` is done under what it has set.
    func learnProfile(of user: UserID) -> EventLoopFuture<Profile> {
        guard let hub = self.hub else { return self.profiles.profile(of: user) }
        let promise = self.eventLoop.makePromise(of: Profile.self)
        hub.learnProfile(of: user, promise: promise)
        return promise.futureResult
    }
}
