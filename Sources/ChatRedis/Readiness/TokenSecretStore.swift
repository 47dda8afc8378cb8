internal import ChatCore
internal import ChatProtocol
public import NIOCore
public import RedisClient

/// What session tokens are signed with, the same for all nodes of a cluster: 64 hexadecimal digits in Redis.
///
/// Used on the link's event loop only.
public final class TokenSecretStore {
    private let link: RedisCommandLink
    private let key: RedisArgument

    public init(link: RedisCommandLink, keys: RedisKeys) {
        self.link = link
        self.key = RedisArgument(keys.secret)
    }

    /// The cluster's secret; the first node to ask makes it. Fails with a `StoreError`.
    public func load() -> EventLoopFuture<String> {
        let candidate = RandomText.hexadecimal(bits: 256)
        let made = self.link.send(["SET", self.key, RedisArgument(candidate), "NX"])
        let stored = self.link.send(["GET", self.key])
        return made.and(stored).map(\.1).reading("GET of the secret") { reply in
            reply.string.flatMap { $0.utf8.count >= 32 ? $0 : nil }
        }
    }

    /// Puts the secret back, unless there is one: call it with every heartbeat, so that an emptied Redis does not
    /// change it and tokens stay good.
    public func reassert(_ secret: String) -> EventLoopFuture<Void> {
        self.link.send(["SET", self.key, RedisArgument(secret), "NX"]).reading("SET of the secret") { _ in () }
    }
}

@available(*, unavailable)
extension TokenSecretStore: Sendable {}
