public import NIOCore

/// A session is in a room from now on, at the log's head; or, as `reset`, starts there anew.
public struct Joined: Sendable {
    public var re: String?
    public var room: RoomName
    public var head: Position
    /// At most ``Limits/joinedMembers`` members, already encoded as a JSON array: all who join share it.
    public var members: ByteBuffer
    public var memberCount: Int
    /// A large room: `members` is a sample, and who is on several nodes counts more than once.
    public var isApproximate: Bool
    /// Oldest first.
    public var entries: [LogEntry]
    /// `entries` are exactly those after the position the client gave.
    public var recovered: Bool
    public var settings: RoomSettings
    /// What the user is in the room; `nil` for a member.
    public var role: RoomRole?
    /// How far the user has read the room, on any device; `nil` when nothing is known of that.
    public var readOffset: UInt64?
    /// Not `nil`: this is a `reset`, unasked, and why.
    public var resetReason: String?

    public init(
        re: String?,
        room: RoomName,
        head: Position,
        members: ByteBuffer,
        memberCount: Int,
        isApproximate: Bool = false,
        entries: [LogEntry],
        recovered: Bool,
        settings: RoomSettings = RoomSettings(),
        role: RoomRole? = nil,
        readOffset: UInt64? = nil,
        resetReason: String? = nil
    ) {
        self.re = re
        self.room = room
        self.head = head
        self.members = members
        self.memberCount = memberCount
        self.isApproximate = isApproximate
        self.entries = entries
        self.recovered = recovered
        self.settings = settings
        self.role = role
        self.readOffset = readOffset
        self.resetReason = resetReason
    }

    func encode(into json: inout JSONWriter) {
        json.field("type", self.resetReason == nil ? "joined" : "reset")
        json.field("re", optional: self.re)
        json.field("room", self.room.string)
        json.field("epoch", self.head.epoch)
        json.field("offset", self.head.offset)
        json.field("at", self.head.at)
        json.name("members")
        json.value(encoded: self.members)
        json.field("memberCount", self.memberCount)
        if self.isApproximate { json.field("approx", true) }
        // The page ends at the head: whatever changes a message on it is on it.
        json.entries(EntryPage(self.entries, keeping: .newest).entries, changes: [])
        json.field("recovered", self.recovered)
        json.field("reason", optional: self.resetReason)
        self.settings.encodeDifferences(into: &json)
        json.field("role", optional: self.role?.rawValue)
        if let readOffset = self.readOffset { json.field("readOffset", readOffset) }
    }
}

extension JSONWriter {
    /// `entries`, and `changes`: later edits, deletions and reactions whose target is on the page.
    mutating func entries(_ entries: [LogEntry], changes: [LogEntry]) {
        self.name("entries")
        self.beginArray()
        for entry in entries { self.value(encoded: entry.json) }
        self.endArray()
        self.name("changes")
        self.beginArray()
        for change in changes { self.value(encoded: change.json) }
        self.endArray()
    }
}

/// A page of entries cut to what fits into one frame.
public struct EntryPage: Sendable {
    /// Which end of the page stays when it has to be cut.
    public enum End: Sendable {
        case oldest
        case newest
    }

    public var entries: [LogEntry]
    public var wasCut: Bool

    private static let byteLimit = Limits.recoveryBytes

    public init(_ entries: [LogEntry], keeping end: End) {
        var bytes = 0
        let fits: (LogEntry) -> Bool = { entry in
            bytes += entry.json.readableBytes + 1
            return bytes <= Self.byteLimit
        }
        switch end {
        case .oldest: self.entries = Array(entries.prefix(while: fits))
        case .newest: self.entries = entries.reversed().prefix(while: fits).reversed()
        }
        self.wasCut = self.entries.count < entries.count
    }
}
