public import NIOCore

/// Who is in a room, or online.
public struct Members: Sendable {
    public var re: String?
    public var room: RoomName?
    public var members: [Member]
    public var count: Int
    /// Who is there on several nodes counts, and may be listed, more than once.
    public var isApproximate: Bool
    public var after: String?

    public init(
        re: String?, room: RoomName?, members: [Member], count: Int, isApproximate: Bool = false, after: String?
    ) {
        self.re = re
        self.room = room
        self.members = members
        self.count = count
        self.isApproximate = isApproximate
        self.after = after
    }

    func encode(into json: inout JSONWriter) {
        json.field("type", "members")
        json.field("re", optional: self.re)
        json.field("room", optional: self.room?.string)
        json.name("members")
        json.beginArray()
        for member in self.members { member.encode(into: &json) }
        json.endArray()
        json.field("count", self.count)
        if self.isApproximate { json.field("approx", true) }
        json.field("after", optional: self.after)
    }
}

/// A user as others see them.
public struct Member: Sendable, Equatable {
    public var id: UserID
    public var name: String
    public var status: String
    public var statusText: String?

    public init(id: UserID, name: String, status: String, statusText: String? = nil) {
        self.id = id
        self.name = name
        self.status = status
        self.statusText = statusText
    }

    public func encode(into json: inout JSONWriter) {
        json.beginObject()
        json.field("id", self.id.string)
        json.field("name", self.name)
        json.field("status", self.status)
        json.field("statusText", optional: self.statusText)
        json.endObject()
    }

    /// Several members as a JSON array.
    public static func encoded(_ members: some Sequence<Member>) -> ByteBuffer {
        var json = JSONWriter()
        json.beginArray()
        for member in members { member.encode(into: &json) }
        json.endArray()
        return json.buffer
    }
}

/// A page of a room's log.
public struct HistoryPage: Sendable {
    public var re: String?
    public var room: RoomName
    public var epoch: String
    /// Oldest first; the store has cut them to what fits into a frame.
    public var entries: [LogEntry]
    /// Later edits, deletions and reactions whose target is on the page.
    public var changes: [LogEntry]
    public var more: Bool

    public init(
        re: String?, room: RoomName, epoch: String, entries: [LogEntry], changes: [LogEntry] = [], more: Bool
    ) {
        self.re = re
        self.room = room
        self.epoch = epoch
        self.entries = entries
        self.changes = changes
        self.more = more
    }

    func encode(into json: inout JSONWriter) {
        json.field("type", "history")
        json.field("re", optional: self.re)
        json.field("room", self.room.string)
        json.field("epoch", self.epoch)
        json.entries(self.entries, changes: self.changes)
        json.field("more", self.more)
    }
}

/// The public rooms.
public struct RoomList: Sendable {
    public struct Room: Sendable {
        public var room: RoomName
        public var topic: String?
        public var members: Int
        /// Who is there on several nodes counts more than once.
        public var isApproximate: Bool
        public var lastAt: Int64?

        public init(room: RoomName, topic: String?, members: Int, isApproximate: Bool = false, lastAt: Int64?) {
            self.room = room
            self.topic = topic
            self.members = members
            self.isApproximate = isApproximate
            self.lastAt = lastAt
        }
    }

    public var re: String?
    public var rooms: [Room]
    public var after: String?

    public init(re: String?, rooms: [Room], after: String?) {
        self.re = re
        self.rooms = rooms
        self.after = after
    }

    func encode(into json: inout JSONWriter) {
        json.field("type", "rooms")
        json.field("re", optional: self.re)
        json.name("rooms")
        json.beginArray()
        for room in self.rooms {
            json.beginObject()
            json.field("room", room.room.string)
            json.field("topic", optional: room.topic)
            json.field("members", room.members)
            if room.isApproximate { json.field("approx", true) }
            if let lastAt = room.lastAt { json.field("lastAt", lastAt) }
            json.endObject()
        }
        json.endArray()
        json.field("after", optional: self.after)
    }
}
