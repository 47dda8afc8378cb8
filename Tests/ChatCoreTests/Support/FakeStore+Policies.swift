import ChatProtocol
import NIOCore

@testable import ChatCore

extension FakeStore: RoomPolicies {
    func policy(of room: RoomName) -> EventLoopFuture<PolicyReading> {
        perform(.policy) { PolicyReading(policy: redis.policies[room] ?? RoomPolicy(), at: redis.clock) }
    }

    func apply(_ change: PolicyChange, to room: RoomName) -> EventLoopFuture<PolicyOutcome> {
        perform(.moderate) {
            guard redis.logs[room] != nil else { return .noSuchRoom }
            var policy = redis.policies[room] ?? RoomPolicy()
            guard policy.version == change.version else { return .stale }
            policy.version += 1
            for edit in change.edits {
                switch edit {
                case .setting("topic", let value): policy.settings.topic = value
                case .setting("access", let value):
                    policy.settings.access = value.flatMap { RoomAccess(rawValue: $0) } ?? .public
                case .setting("announcement", let value): policy.settings.isAnnouncement = value != nil
                case .setting(_, let value): policy.settings.slowMode = value.flatMap { Int64($0) } ?? 0
                case .record(let list, let user, let record): policy[list][user] = record
                }
            }
            if let invitation = change.invitesPresent {
                for user in (redis.shares[room] ?? [:]).values.flatMap(\.keys) where policy[.invitations][user] == nil {
                    policy[.invitations][user] = invitation
                }
            }
            redis.policies[room] = policy
            redis.audits[room, default: []].insert(entry(change.audit), at: 0)
            redis.publish(ByteBuffer(string: #"{"type":"policy","version":\#(policy.version)}"#), to: .room(room))
            return .applied
        }
    }

    func target(_ user: UserID) -> EventLoopFuture<ActTarget> {
        perform(.find) { ActTarget(name: redis.profiles[user], isOperator: redis.operators.contains(user)) }
    }

    func tell(_ user: UserID, invitedTo room: RoomName, by: NamedUser) {
        redis.publish(Event.invited(to: room, by: by), to: .user(user))
    }

    func audit(of room: RoomName?, before: String?, limit: Int) -> EventLoopFuture<AuditPage> {
        perform(.list) {
            let all = room.map { redis.audits[$0] ?? [] } ?? redis.clusterAudit
            return AuditPage(re: nil, room: room, entries: Array(all.prefix(limit)), more: all.count > limit)
        }
    }

    func setBan(
        _ ban: RoomPolicy.Record?, of user: UserID, audit: [PolicyChange.AuditField]
    ) -> EventLoopFuture<Bool> {
        perform(.setting) {
            guard ban != nil || redis.bans[user] != nil else { return false }
            redis.bans[user] = ban
            redis.clusterAudit.insert(entry(audit), at: 0)
            redis.settings[user, default: Profile()].ban = ban.map { ClusterBan(until: $0.until, reason: $0.reason) }
            redis.publish(ByteBuffer(string: #"{"type":"profile"}"#), to: .user(user))
            return true
        }
    }

    func bans() -> EventLoopFuture<[ModerationItem]> {
        perform(.list) {
            var policy = RoomPolicy()
            policy[.bans] = redis.bans
            return policy.items
        }
    }

    func now() -> EventLoopFuture<Int64> {
        eventLoop.makeSucceededFuture(redis.clock)
    }

    func noteOperator(_ user: UserID) {
        redis.operators.insert(user)
    }

    private func entry(_ fields: [PolicyChange.AuditField]) -> AuditEntry {
        AuditEntry(
            id: "\(redis.clock)-0", fields: Dictionary(fields.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }))
    }
}
