public import ChatCore
public import ChatProtocol
public import NIOCore
internal import RedisClient

/// Who is kept out of the whole cluster, and who operates it.
extension RedisRoomPolicies {
    /// First the list and the audit, then the profile, which is what keeps the user out: should the second fail, the ban can
    /// be given, or taken back, again.
    public func setBan(
        _ ban: RoomPolicy.Record?, of user: UserID, audit: [PolicyChange.AuditField]
    ) -> EventLoopFuture<Bool> {
        let arguments: [RedisArgument] = [
            RedisArgument(user.string), RedisArgument(ban?.json ?? ByteBuffer()),
            RedisArgument(max(1, self.settings.auditEntries)), RedisArgument(max(1, self.settings.clusterBans)),
        ]
        let noted = self.link.run(
            RedisScripts.clusterban,
            keys: [RedisArgument(self.keys.bans), RedisArgument(self.keys.audit)],
            arguments: arguments + Self.fields(audit)
        ).reading("clusterban", \.int)
        let stored = ban.map { ClusterBan(until: $0.until, reason: $0.reason).stored } ?? ""
        let bound = NIOLoopBound(self, eventLoop: self.link.eventLoop)
        return noted.flatMapThrowing { outcome in
            guard outcome >= 0 else { throw FrameError(.tooMany, "too many users are banned: unban some first") }
            return outcome == 1
        }.flatMap { wasNoted in
            let (keys, settings) = (bound.value.keys, bound.value.settings)
            return bound.value.link.run(
                RedisScripts.setting,
                keys: [RedisArgument(keys.profile(user))],
                arguments: [
                    RedisArgument(keys.userChannel(user)), RedisArgument(settings.memory(of: user)), "ban",
                    RedisArgument(stored),
                ]
            ).reading("setting") { _ in wasNoted }
        }
    }

    public func bans() -> EventLoopFuture<[ModerationItem]> {
        self.link.send(["HGETALL", RedisArgument(self.keys.bans)]).reading("HGETALL") { reply in
            guard let pairs = PolicyReplies.pairs(reply) else { return nil }
            var policy = RoomPolicy()
            policy[.bans] = PolicyReplies.records(pairs)
            return policy.items
        }
    }

    public func now() -> EventLoopFuture<Int64> {
        self.link.send(["TIME"]).reading("TIME") { reply in
            guard let parts = reply.array, parts.count == 2, let seconds = parts[0].string.flatMap({ Int64($0) }),
                let micros = parts[1].string.flatMap({ Int64($0) })
            else { return nil }
            return seconds * 1_000 + micros / 1_000
        }
    }

    public func noteOperator(_ user: UserID) {
        let bound = NIOLoopBound(self, eventLoop: self.link.eventLoop)
        let (operators, memory) = (RedisArgument(self.keys.operators), self.settings.operatorMemory.milliseconds)
        self.now().whenSuccess { now in
            let store = bound.value
            store.noted(store.link.send(["ZADD", operators, RedisArgument(now + memory), RedisArgument(user.string)]))
            store.noted(store.link.send(["ZREMRANGEBYSCORE", operators, "-inf", RedisArgument(now)]))
        }
    }
}
