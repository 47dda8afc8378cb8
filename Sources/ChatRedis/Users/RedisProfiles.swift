public import ChatCore
public import ChatProtocol
public import NIOCore
public import RedisClient

/// What users have set for themselves, in the hashes of their profiles, over one command link. Used on the link's event
/// loop only.
public final class RedisProfiles: Profiles {
    private let link: RedisCommandLink
    private let keys: RedisKeys
    private let settings: RedisStoreSettings

    /// - Parameter link: made with ``RedisScripts/all``.
    public init(link: RedisCommandLink, keys: RedisKeys, settings: RedisStoreSettings) {
        self.link = link
        self.keys = keys
        self.settings = settings
    }

    public func profile(of user: UserID) -> EventLoopFuture<Profile> {
        self.link.run(RedisScripts.profile, keys: [RedisArgument(self.keys.profile(user))], arguments: [])
            .reading("profile") { reply in
                guard let values = reply.array, values.count == 2 else { return nil }
                return Profile(status: UserStatus(kind: values[0].string, text: values[1].string))
            }
    }

    public func setStatus(_ status: UserStatus, of user: UserID) -> EventLoopFuture<Void> {
        self.set([("status", status.kind.rawValue), ("statusText", status.text ?? "")], of: user)
    }

    private func set(_ fields: [(String, String)], of user: UserID) -> EventLoopFuture<Void> {
        let memory = user.isGuest ? max(1, self.settings.guestMemory.milliseconds) : 0
        var arguments = [RedisArgument(self.keys.userChannel(user)), RedisArgument(memory)]
        for (name, value) in fields { arguments += [RedisArgument(name), RedisArgument(value)] }
        return self.link.run(
            RedisScripts.setting, keys: [RedisArgument(self.keys.profile(user))], arguments: arguments
        ).reading("setting") { _ in () }
    }
}

@available(*, unavailable)
extension RedisProfiles: Sendable {}
