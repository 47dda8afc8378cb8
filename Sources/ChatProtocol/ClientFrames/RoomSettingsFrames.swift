/// Say what a room is about.
public struct SetTopic: Sendable {
    public var room: RoomName
    /// `nil` takes the topic away.
    public var topic: String?

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
        self.topic = try OneLine.trimmed(try fields.string("topic"), bytes: Limits.topicBytes, field: "topic")
    }
}

/// Set a room up otherwise; what is `nil` stays. Without anything it only asks.
public struct Configure: Sendable {
    public var room: RoomName
    public var access: RoomAccess?
    public var isAnnouncement: Bool?
    /// Milliseconds.
    public var slowMode: Int64?

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
        self.access = try fields.optionalChoice("access")
        self.isAnnouncement = try fields.optionalBool("announcement")
        self.slowMode = try fields.optionalInteger("slowMode", in: 0...Limits.slowMode)
    }
}

/// Who has which role in a room, who is banned, muted and invited; without a room: who is banned from the cluster.
public struct ShowModeration: Sendable {
    public var room: RoomName?
    /// Where the page before ended.
    public var after: String?

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.optionalRoom()
        self.after = try fields.optionalCursor()
    }
}

/// What moderators did in a room, the latest first; without a room: what was done to the cluster.
public struct ShowAudit: Sendable {
    public var room: RoomName?
    /// The id of the entry before which to read.
    public var before: String?
    public var limit: Int

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.optionalRoom()
        if let before = try fields.optionalString("before") {
            guard AuditEntry.isID(before) else { throw FrameError(.badFrame, "'before' must be the id of an entry") }
            self.before = before
        }
        self.limit = Int(try fields.optionalInteger("limit", in: 1...200) ?? 50)
    }
}
