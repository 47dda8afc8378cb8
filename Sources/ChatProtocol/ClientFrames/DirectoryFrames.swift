/// Be called something else.
public struct Nick: Sendable {
    public var name: DisplayName

    public init(name: DisplayName) {
        self.name = name
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        guard let name = try fields.optionalName() else { throw FrameError(.badFrame, "'name' is missing") }
        self.name = name
    }
}

/// Who is in a room; without a room: everyone online.
public struct Who: Sendable {
    public var room: RoomName?
    /// Where the page before ended.
    public var after: String?
    public var limit: Int

    public init(room: RoomName?, after: String? = nil, limit: Int = 100) {
        self.room = room
        self.after = after
        self.limit = limit
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.optionalRoom()
        self.after = try fields.optionalCursor()
        self.limit = Int(try fields.optionalInteger("limit", in: 1...200) ?? 100)
    }
}

/// The public rooms, page by page.
public struct Rooms: Sendable {
    public var after: String?

    public init(after: String? = nil) {
        self.after = after
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.after = try fields.optionalCursor()
    }
}

extension FrameFields {
    /// A cursor is what an earlier answer gave as `after`; its content is the server's business.
    func optionalCursor() throws(FrameError) -> String? {
        guard let cursor = try self.optionalString("after") else { return nil }
        guard (1...256).contains(cursor.utf8.count) else { throw FrameError(.badFrame, "'after' is not a cursor") }
        return cursor
    }
}
