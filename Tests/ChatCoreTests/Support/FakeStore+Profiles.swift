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

    func setShowsReading(_ isShown: Bool, of user: UserID) -> EventLoopFuture<Void> {
        set(user) { $0.showsReading = isShown }
    }

    func setBlocked(_ isBlocked: Bool, _ other: UserID, by user: UserID) -> EventLoopFuture<Bool> {
        set(user) {
            if isBlocked { $0.blocked.insert(other) } else { $0.blocked.remove(other) }
        }.map { true }
    }

    func noteContact(from sender: UserID, to user: UserID) {
        redis.contacts.insert("\(sender) \(user)")
    }

    func recipient(_ user: UserID, from sender: UserID) -> EventLoopFuture<Recipient> {
        perform(.find) {
            if redis.settings[user]?.blocked.contains(sender) == true { return .blocking }
            guard redis.profiles[user] != nil else { return .unknown }
            return redis.contacts.contains("\(user) \(sender)") ? .known : .stranger
        }
    }

    private func set(_ user: UserID, _ change: (inout Profile) -> Void) -> EventLoopFuture<Void> {
        perform(.setting) {
            change(&redis.settings[user, default: Profile()])
            redis.publish(ByteBuffer(string: #"{"type":"profile"}"#), to: .user(user))
        }
    }
}
