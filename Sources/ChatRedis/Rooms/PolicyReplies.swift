internal import ChatCore
internal import ChatProtocol
internal import RedisClient

/// Reads what the scripts of rooms' policies answer; `nil` for another shape.
enum PolicyReplies {
    static func reading(_ reply: RedisValue) -> PolicyReading? {
        guard let values = reply.array, values.count >= 2, let version = values[0].int, let now = values[1].int
        else { return nil }
        guard version > 0 else { return PolicyReading(policy: RoomPolicy(), at: Int64(now)) }
        guard values.count == 8, let settings = Self.pairs(values[2]) else { return nil }
        var policy = RoomPolicy(version: version, settings: Self.settings(settings))
        for (index, list) in [RoomPolicy.List.roles, .bans, .mutes, .invitations, .kicks].enumerated() {
            guard let pairs = Self.pairs(values[3 + index]) else { return nil }
            policy[list] = Self.records(pairs)
        }
        return PolicyReading(policy: policy, at: Int64(now))
    }

    /// An access that nobody knows lets nobody in: it was not meant to let everybody in.
    private static func settings(_ pairs: [(String, RedisValue)]) -> RoomSettings {
        var settings = RoomSettings()
        for (field, value) in pairs {
            switch field {
            case "topic": settings.topic = value.string
            case "access": settings.access = value.string.flatMap { RoomAccess(rawValue: $0) } ?? .private
            case "announcement": settings.isAnnouncement = value.string == "1"
            case "slowMode": settings.slowMode = value.string.flatMap { Int64($0) } ?? 0
            default: continue
            }
        }
        return settings
    }

    static func records(_ pairs: [(String, RedisValue)]) -> [UserID: RoomPolicy.Record] {
        var records: [UserID: RoomPolicy.Record] = [:]
        for (field, value) in pairs {
            guard let user = UserID(field), let record = value.bytes.flatMap({ RoomPolicy.Record($0) }) else {
                continue
            }
            records[user] = record
        }
        return records
    }

    static func pairs(_ reply: RedisValue) -> [(String, RedisValue)]? {
        guard let values = reply.array, values.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: values.count, by: 2).compactMap { index in
            values[index].string.map { ($0, values[index + 1]) }
        }
    }

    static func outcome(_ reply: RedisValue) -> PolicyOutcome? {
        switch reply.int {
        case 1: .applied
        case 0: .stale
        case -1: .noSuchRoom
        default: nil
        }
    }

    static func audit(_ reply: RedisValue) -> [AuditEntry]? {
        reply.array?.compactMap { entry in
            guard let parts = entry.array, parts.count == 2, let id = parts[0].string, let pairs = Self.pairs(parts[1])
            else { return nil }
            return AuditEntry(
                id: id, fields: Dictionary(pairs.map { ($0.0, $0.1.string ?? "") }, uniquingKeysWith: { $1 }))
        }
    }
}
