import NIOCore

/// Somebody as a list of moderators' acts names them.
public struct NamedUser: Sendable, Equatable {
    public var id: UserID
    public var name: String

    public init(id: UserID, name: String) {
        self.id = id
        self.name = name
    }

    func encode(into json: inout JSONWriter) {
        json.beginObject()
        json.field("id", self.id.string)
        json.field("name", self.name)
        json.endObject()
    }
}

/// One line of a room's lists: a role, a ban, a mute or an invitation.
public struct ModerationItem: Sendable, Equatable {
    public enum List: String, Sendable, CaseIterable {
        case roles
        case bans
        case mutes
        case invitations
    }

    public var list: List
    public var user: NamedUser
    public var role: RoomRole?
    public var by: NamedUser?
    /// Milliseconds since the Unix epoch by Redis's clock, as is `until`.
    public var at: Int64
    public var until: Int64?
    public var reason: String?

    public init(
        list: List, user: NamedUser, role: RoomRole? = nil, by: NamedUser?, at: Int64, until: Int64? = nil,
        reason: String? = nil
    ) {
        self.list = list
        self.user = user
        self.role = role
        self.by = by
        self.at = at
        self.until = until
        self.reason = reason
    }

    func encode(into json: inout JSONWriter) {
        json.beginObject()
        json.name("user")
        self.user.encode(into: &json)
        json.field("role", optional: self.role?.rawValue)
        if let by = self.by {
            json.name("by")
            by.encode(into: &json)
        }
        json.field("at", self.at)
        if let until = self.until { json.field("until", until) }
        json.field("reason", optional: self.reason)
        json.endObject()
    }
}

/// A page of a room's lists, in their order; without a room: of the cluster's bans.
public struct ModerationPage: Sendable {
    public var re: String?
    public var room: RoomName?
    public var items: [ModerationItem]
    public var after: String?

    /// The page that follows a cursor, cut to what fits into a frame.
    ///
    /// - Parameter items: all there are, in the order of ``ModerationItem/cursor``.
    public init(re: String?, room: RoomName?, of items: [ModerationItem], after cursor: String?) {
        self.re = re
        self.room = room
        let rest = cursor.map { cursor in items.filter { $0.cursor > cursor } } ?? items
        var bytes = 0
        self.items = Array(
            rest.prefix { item in
                var json = JSONWriter()
                item.encode(into: &json)
                bytes += json.buffer.readableBytes + 1
                return bytes <= Limits.recoveryBytes
            })
        self.after = self.items.count < rest.count ? self.items.last?.cursor : nil
    }

    func encode(into json: inout JSONWriter) {
        json.field("type", "moderation")
        json.field("re", optional: self.re)
        json.field("room", optional: self.room?.string)
        for list in ModerationItem.List.allCases where self.room != nil || list == .bans {
            switch list {
            case .roles: json.name("roles")
            case .bans: json.name("bans")
            case .mutes: json.name("mutes")
            case .invitations: json.name("invitations")
            }
            json.beginArray()
            for item in self.items where item.list == list { item.encode(into: &json) }
            json.endArray()
        }
        json.field("after", optional: self.after)
    }
}

extension ModerationItem {
    /// The items' order: list by list, by the users' ids.
    public var cursor: String {
        let place = List.allCases.firstIndex(of: self.list) ?? 0
        return "\(place):\(self.user.id)"
    }
}
