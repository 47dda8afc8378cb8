import ChatCore
import ChatProtocol
import NIOCore

extension FakeStore: Profiles {
    func profile(of user: UserID) -> EventLoopFuture<Profile> {
        perform(.profile) { redis.settings[user] ?? Profile() }
    }

    func setStatus(_ status: UserStatus, of user: UserID) -> EventLoopFuture<Void> {
        set(user) { $0.status = status }
    }

    private func set(_ user: UserID, _ change: (inout Profile) -> Void) -> EventLoopFuture<Void> {
        perform(.setting) {
            change(&redis.settings[user, default: Profile()])
            redis.publish(ByteBuffer(string: #"{"type":"profile"}"#), to: .user(user))
        }
    }
}
