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
    /// Who has written to whom, as has been stored already.
    private var noted: Set<String> = []

    /// - Parameter link: made with ``RedisScripts/all``.
    public init(link: RedisCommandLink, keys: RedisKeys, settings: RedisStoreSettings) {
        self.link = link
        self.keys = keys
        self.settings = settings
    }

    public func profile(of user: UserID) -> EventLoopFuture<Profile> {
        self.link.run(
            RedisScripts.profile,
            keys: [RedisArgument(self.keys.profile(user)), RedisArgument(self.keys.blocked(by: user))],
            arguments: []
        ).reading("profile") { reply in
            guard let values = reply.array, values.count == 5, let blocked = values[3].array else { return nil }
            return Profile(
                status: UserStatus(kind: values[0].string, text: values[1].string),
                showsReading: values[2].string != Self.hidden,
                blocked: Set(blocked.compactMap { $0.string.flatMap { UserID($0) } }),
                ban: values[4].string.flatMap { ClusterBan(stored: $0) }
            )
        }
    }

    public func setStatus(_ status: UserStatus, of user: UserID) -> EventLoopFuture<Void> {
        self.set([("status", status.kind.rawValue), ("statusText", status.text ?? "")], of: user)
    }

    /// What the profile's `reading` holds when others are not shown what the user has read.
    private static let hidden = "hidden"

    public func setShowsReading(_ isShown: Bool, of user: UserID) -> EventLoopFuture<Void> {
        self.set([("reading", isShown ? "" : Self.hidden)], of: user)
    }

    public func setBlocked(_ isBlocked: Bool, _ other: UserID, by user: UserID) -> EventLoopFuture<Bool> {
        self.link.run(
            RedisScripts.block,
            keys: [RedisArgument(self.keys.blocked(by: user))],
            arguments: [
                RedisArgument(other.string), isBlocked ? "1" : "0", RedisArgument(max(1, self.settings.blockedUsers)),
                RedisArgument(self.keys.userChannel(user)), RedisArgument(self.settings.memory(of: user)),
            ]
        ).reading("block") { reply in reply.int.map { $0 == 1 } }
    }

    public func recipient(_ user: UserID, from sender: UserID) -> EventLoopFuture<Recipient> {
        let isKnown = self.link.send(["HEXISTS", RedisArgument(self.keys.profile(user)), "name"])
            .reading("HEXISTS", \.int)
        let isBlocking = self.link.send([
            "SISMEMBER", RedisArgument(self.keys.blocked(by: user)), RedisArgument(sender.string),
        ]).reading("SISMEMBER", \.int)
        let hasWritten = self.link.send([
            "ZSCORE", RedisArgument(self.keys.contacts(of: user)), RedisArgument(sender.string),
        ]).reading("ZSCORE") { reply in !reply.isNull }
        return isKnown.and(isBlocking).and(hasWritten).map { answers, hasWritten in
            let (isKnown, isBlocking) = answers
            return isBlocking == 1 ? .blocking : isKnown != 1 ? .unknown : hasWritten ? .known : .stranger
        }
    }

    public func noteContact(from sender: UserID, to user: UserID) {
        // Once for as long as this node remembers: what is repeated changes nothing.
        if self.noted.count >= 10_000 { self.noted.removeAll(keepingCapacity: true) }
        guard self.noted.insert("\(sender) \(user)").inserted else { return }
        let key = RedisArgument(self.keys.contacts(of: sender))
        _ = self.link.send(["ZADD", key, "NX", RedisArgument(WallClock.milliseconds()), RedisArgument(user.string)])
        _ = self.link.send(["ZREMRANGEBYRANK", key, 0, RedisArgument(-1 - self.settings.contacts)])
        let memory = self.settings.memory(of: sender)
        if memory > 0 { _ = self.link.send(["PEXPIRE", key, RedisArgument(memory)]) }
    }

    private func set(_ fields: [(String, String)], of user: UserID) -> EventLoopFuture<Void> {
        var arguments = [RedisArgument(self.keys.userChannel(user)), RedisArgument(self.settings.memory(of: user))]
        for (name, value) in fields { arguments += [RedisArgument(name), RedisArgument(value)] }
        return self.link.run(
            RedisScripts.setting, keys: [RedisArgument(self.keys.profile(user))], arguments: arguments
        ).reading("setting") { _ in () }
    }
}

@available(*, unavailable)
extension RedisProfiles: Sendable {}
