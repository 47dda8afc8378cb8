/// Be in a room from now on.
public struct Join: Sendable {
    public var room: RoomName
    /// How many of the latest entries the answer has.
    public var history: Int
    /// Everything after this position is wanted, instead of `history`.
    public var since: Position?

    public init(room: RoomName, history: Int = Limits.defaultHistory, since: Position? = nil) {
        self.room = room
        self.history = history
        self.since = since
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
        self.history = Int(try fields.optionalInteger("history", in: 0...200) ?? Int64(Limits.defaultHistory))
        self.since = try fields.optionalPosition("since")
    }
}

/// No longer be in a room.
public struct Leave: Sendable {
    public var room: RoomName

    public init(room: RoomName) {
        self.room = room
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
    }
}

/// A page of a room's log.
public struct History: Sendable {
    public enum Range: Sendable, Equatable {
        case latest
        case before(UInt64)
        case after(UInt64)
    }

    public var room: RoomName
    public var range: Range
    public var limit: Int

    public init(room: RoomName, range: Range, limit: Int) {
        self.room = room
        self.range = range
        self.limit = limit
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
        self.limit = Int(try fields.optionalInteger("limit", in: 1...200) ?? Int64(Limits.defaultHistory))
        switch (try fields.optionalOffset("before"), try fields.optionalOffset("after")) {
        case (nil, nil): self.range = .latest
        case (let before?, nil): self.range = .before(before)
        case (nil, let after?): self.range = .after(after)
        case (.some, .some): throw FrameError(.badFrame, "'before' and 'after' exclude each other")
        }
    }
}
