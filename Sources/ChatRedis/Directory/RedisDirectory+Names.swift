internal import ChatCore
public import ChatProtocol
public import NIOCore
internal import RedisClient

/// Whether a name was free, or the user's own.
struct NameClaim: Sendable {
    var isOurs: Bool
    /// Now, in milliseconds by Redis's clock.
    var at: Int64

    init?(_ reply: RedisValue) {
        guard let values = reply.array, values.count == 2, let isOurs = values[0].int, let at = values[1].int
        else { return nil }
        self.isOurs = isOurs == 1
        self.at = Int64(at)
    }
}

extension RedisDirectory {
    public func user(named name: DisplayName) -> EventLoopFuture<UserID?> {
        self.link.send(["GET", RedisArgument(self.keys.name(name))]).reading("GET") { reply -> UserID?? in
            .some(reply.string.flatMap { UserID($0) })
        }
    }

    func claim(_ name: DisplayName, for user: UserID) -> EventLoopFuture<NameClaim> {
        self.link.run(
            RedisScripts.claim,
            keys: [RedisArgument(self.keys.name(name))],
            arguments: [RedisArgument(user.string), RedisArgument(max(1, self.settings.nameLease.milliseconds))]
        ).reading("claim", NameClaim.init)
    }

    /// The name, or the first variation of it that is free: `ann`, `ann-2` … `ann-99`, then random numbers.
    func reserve(_ name: DisplayName, for user: UserID) -> EventLoopFuture<Arrival> {
        self.reserve([name], for: user) { self.reserveVariation(of: name, for: user, from: 2) }
    }

    /// The first of these that can be had, one after the other.
    private func reserve(
        _ names: ArraySlice<DisplayName>,
        for user: UserID,
        otherwise: @escaping () -> EventLoopFuture<Arrival>
    ) -> EventLoopFuture<Arrival> {
        guard let name = names.first else { return otherwise() }
        return self.claim(name, for: user).assumeIsolated().flatMap { claim in
            if claim.isOurs { return self.link.eventLoop.makeSucceededFuture(Arrival(name: name, at: claim.at)) }
            return self.reserve(names.dropFirst(), for: user, otherwise: otherwise)
        }.nonisolated()
    }

    /// Looks at a batch of names at once, then claims what seems free: a popular name would cost a hundred round trips.
    private func reserveVariation(of name: DisplayName, for user: UserID, from first: Int) -> EventLoopFuture<Arrival> {
        guard first < 100 else { return self.reserveRandomVariation(of: name, for: user) }
        let names = (first..<min(first + 14, 100)).compactMap { name.variation($0) }
        let owners = names.map { name in
            self.link.send(["GET", RedisArgument(self.keys.name(name))]).reading("GET") { reply -> String?? in
                reply.isNull ? .some(nil) : reply.string.map { .some($0) }
            }
        }
        let all = EventLoopFuture.whenAllSucceed(owners, on: self.link.eventLoop)
        return all.assumeIsolated().flatMap { owners in
            let free = zip(names, owners).filter { $0.1 == nil || $0.1 == user.string }.map(\.0)
            return self.reserve(free[...], for: user) {
                self.reserveVariation(of: name, for: user, from: first + 14)
            }
        }.nonisolated()
    }

    private func reserveRandomVariation(of name: DisplayName, for user: UserID) -> EventLoopFuture<Arrival> {
        let names = (0..<5).compactMap { _ in name.variation(Int.random(in: 1_000...9_999_999)) }
        return self.reserve(names[...], for: user) {
            self.link.eventLoop.makeFailedFuture(StoreError.refused("no free variation of the name \(name) was found"))
        }
    }
}
