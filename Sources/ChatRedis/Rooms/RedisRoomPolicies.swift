public import ChatCore
public import ChatProtocol
public import Logging
public import NIOCore
public import RedisClient

/// Who may what in rooms, in hashes beside their logs, and what was done about it, in streams; over one command link. Used on
/// the link's event loop only.
public final class RedisRoomPolicies: RoomPolicies {
    let link: RedisCommandLink
    let keys: RedisKeys
    let settings: RedisStoreSettings
    let logger: Logger

    /// - Parameter link: made with ``RedisScripts/all``.
    public init(link: RedisCommandLink, keys: RedisKeys, settings: RedisStoreSettings, logger: Logger) {
        self.link = link
        self.keys = keys
        self.settings = settings
        self.logger = logger
    }

    public func policy(of room: RoomName) -> EventLoopFuture<PolicyReading> {
        self.link.run(RedisScripts.policy, keys: self.keys.logKeys(room), arguments: [])
            .reading("policy", PolicyReplies.reading)
    }

    public func apply(_ change: PolicyChange, to room: RoomName) -> EventLoopFuture<PolicyOutcome> {
        var arguments: [RedisArgument] = [
            RedisArgument(change.version), RedisArgument(self.keys.roomChannel(room)),
            RedisArgument(max(1, self.settings.auditEntries)),
            RedisArgument(change.invitesPresent?.jsonBehindName ?? ByteBuffer()),
            RedisArgument(PolicyChange.mostInvitations), RedisArgument(change.edits.count),
        ]
        var access: RoomAccess?
        for edit in change.edits {
            switch edit {
            case .setting(let name, let value):
                arguments += ["settings", RedisArgument(name), RedisArgument(value ?? "")]
                if name == "access" { access = value.map { RoomAccess(rawValue: $0) ?? .private } ?? .public }
            case .record(let list, let user, let record):
                arguments += [RedisArgument(list.rawValue), RedisArgument(user.string)]
                arguments.append(record.map { RedisArgument($0.json) } ?? "")
            }
        }
        arguments += Self.fields(change.audit)
        let applied = self.link.run(
            RedisScripts.moderate, keys: self.keys.logKeys(room), arguments: arguments
        ).reading("moderate", PolicyReplies.outcome)
        guard let access else { return applied }
        let bound = NIOLoopBound(self, eventLoop: self.link.eventLoop)
        return applied.map { outcome in
            if outcome == .applied { bound.value.list(room, access) }
            return outcome
        }
    }

    /// The list of rooms shows no other than public ones, whatever stands in it; this only keeps it short.
    private func list(_ room: RoomName, _ access: RoomAccess) {
        let (rooms, name) = (RedisArgument(self.keys.rooms), RedisArgument(room.string))
        self.noted(self.link.send(access == .public ? ["ZADD", rooms, "NX", 0, name] : ["ZREM", rooms, name]))
    }

    public func target(_ user: UserID) -> EventLoopFuture<ActTarget> {
        let name = self.link.send(["HGET", RedisArgument(self.keys.profile(user)), "name"])
            .reading("HGET") { reply -> String?? in .some(reply.string) }
        let until = self.link.send(["ZSCORE", RedisArgument(self.keys.operators), RedisArgument(user.string)])
            .reading("ZSCORE") { reply -> Double?? in .some(reply.string.flatMap { Double($0) }) }
        return name.and(until).and(self.now()).map { known, now in
            ActTarget(name: known.0, isOperator: known.1.map { $0 > Double(now) } ?? false)
        }
    }

    public func tell(_ user: UserID, invitedTo room: RoomName, by: NamedUser) {
        let event = Event.invited(to: room, by: by)
        self.noted(self.link.send(["PUBLISH", RedisArgument(self.keys.userChannel(user)), RedisArgument(event)]))
    }

    public func audit(of room: RoomName?, before: String?, limit: Int) -> EventLoopFuture<AuditPage> {
        let key = room.map { self.keys.audit(of: $0) } ?? self.keys.audit
        let limit = max(1, limit)
        // Nothing is before the first id that there can be, and Redis takes asking for it for an error.
        if let before, before.utf8.allSatisfy({ $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: "-") }) {
            return self.link.eventLoop.makeSucceededFuture(AuditPage(re: nil, room: room, entries: [], more: false))
        }
        return self.link.send([
            "XREVRANGE", RedisArgument(key), RedisArgument(before.map { "(" + $0 } ?? "+"), "-", "COUNT",
            RedisArgument(limit + 1),
        ]).reading("XREVRANGE") { reply in
            guard let entries = PolicyReplies.audit(reply) else { return nil }
            return AuditPage(re: nil, room: room, entries: Array(entries.prefix(limit)), more: entries.count > limit)
        }
    }

    static func fields(_ audit: [PolicyChange.AuditField]) -> [RedisArgument] {
        audit.flatMap { [RedisArgument($0.name), RedisArgument($0.value)] }
    }

    /// Nobody waits for this reply.
    func noted(_ reply: EventLoopFuture<RedisValue>) {
        let logger = self.logger
        reply.whenFailure { error in logger.debug("A command to Redis failed: \(error)") }
    }
}

@available(*, unavailable)
extension RedisRoomPolicies: Sendable {}
