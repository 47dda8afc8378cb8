import NIOCore

/// What a moderator, an owner or an operator did.
public struct AuditEntry: Sendable, Equatable {
    /// The entry's id in the stream: `<ms>-<number>`.
    public var id: String
    public var fields: [String: String]

    public init(id: String, fields: [String: String]) {
        self.id = id
        self.fields = fields
    }

    /// Milliseconds since the Unix epoch, by Redis's clock.
    public var at: Int64 { Int64(self.id.prefix { $0 != "-" }) ?? 0 }

    /// Whether a text looks like the id of an entry: two numbers of 64 bits.
    public static func isID(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { part in
                (1...20).contains(part.utf8.count) && part.allSatisfy { $0.isASCII && $0.isNumber }
                    && UInt64(part) != nil
            }
    }

    func encode(into json: inout JSONWriter) {
        json.beginObject()
        json.field("id", self.id)
        json.field("at", self.at)
        json.field("act", self.fields["act"] ?? "")
        self.encode(user: "by", named: "byName", as: "by", into: &json)
        if self.fields["operator"] == "1" { json.field("operator", true) }
        self.encode(user: "user", named: "name", as: "user", into: &json)
        json.field("role", optional: self.fields["role"])
        json.field("reason", optional: self.fields["reason"])
        if let until = self.number("until") { json.field("until", until) }
        json.field("topic", optional: self.fields["topic"])
        json.field("access", optional: self.fields["access"])
        if let flag = self.fields["announcement"] { json.field("announcement", flag == "1") }
        if let slowMode = self.number("slowMode") { json.field("slowMode", slowMode) }
        if let offset = self.number("offset") { json.field("offset", offset) }
        json.endObject()
    }

    private func number(_ field: String) -> Int64? {
        self.fields[field].flatMap { Int64($0) }
    }

    private func encode(user id: String, named name: String, as field: StaticString, into json: inout JSONWriter) {
        guard let id = self.fields[id] else { return }
        json.name(field)
        json.beginObject()
        json.field("id", id)
        json.field("name", self.fields[name] ?? id)
        json.endObject()
    }
}

/// A page of what was done in a room, or to the cluster; the latest first.
public struct AuditPage: Sendable {
    public var re: String?
    public var room: RoomName?
    public var entries: [AuditEntry]
    public var more: Bool

    public init(re: String?, room: RoomName?, entries: [AuditEntry], more: Bool) {
        self.re = re
        self.room = room
        self.entries = entries
        self.more = more
    }

    func encode(into json: inout JSONWriter) {
        json.field("type", "audit")
        json.field("re", optional: self.re)
        json.field("room", optional: self.room?.string)
        json.name("entries")
        json.beginArray()
        for entry in self.entries { entry.encode(into: &json) }
        json.endArray()
        json.field("more", self.more)
    }
}
