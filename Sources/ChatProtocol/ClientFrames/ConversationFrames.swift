/// Everything in a room up to an entry has been read.
public struct Read: Sendable {
    public var room: RoomName
    public var offset: UInt64

    public init(room: RoomName, offset: UInt64) {
        self.room = room
        self.offset = offset
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
        guard let offset = try fields.optionalOffset("offset") else {
            throw FrameError(.badFrame, "'offset' is missing")
        }
        self.offset = offset
    }
}

/// The user is writing something in a room, or no longer.
public struct Typing: Sendable {
    public var room: RoomName
    public var isOn: Bool

    public init(room: RoomName, isOn: Bool) {
        self.room = room
        self.isOn = isOn
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
        self.isOn = try fields.bool("on")
    }
}

/// The user's conversations by last activity, page by page.
public struct Inbox: Sendable {
    /// Where the page before ended.
    public var after: String?
    public var limit: Int

    public init(after: String? = nil, limit: Int = 50) {
        self.after = after
        self.limit = limit
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.after = try fields.optionalCursor()
        self.limit = Int(try fields.optionalInteger("limit", in: 1...100) ?? 50)
    }
}
