/// End somebody's membership of a room; they may come back.
public struct Kick: Sendable {
    public var room: RoomName
    public var user: UserID
    public var reason: String?

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
        self.user = try fields.user()
        self.reason = try fields.reason()
    }
}

/// Keep somebody out of a room, or of the whole cluster.
public struct Ban: Sendable {
    /// `nil`: the whole cluster.
    public var room: RoomName?
    public var user: UserID
    public var reason: String?
    /// Milliseconds; `nil`: for good.
    public var duration: Int64?

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.optionalRoom()
        self.user = try fields.user()
        self.reason = try fields.reason()
        self.duration = try fields.duration()
    }
}

public struct Unban: Sendable {
    /// `nil`: the whole cluster.
    public var room: RoomName?
    public var user: UserID

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.optionalRoom()
        self.user = try fields.user()
    }
}

/// Let somebody be in a room, and say nothing there.
public struct Mute: Sendable {
    public var room: RoomName
    public var user: UserID
    public var reason: String?
    /// Milliseconds; `nil`: for good.
    public var duration: Int64?

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
        self.user = try fields.user()
        self.reason = try fields.reason()
        self.duration = try fields.duration()
    }
}

public struct Unmute: Sendable {
    public var room: RoomName
    public var user: UserID

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
        self.user = try fields.user()
    }
}

/// Make somebody an owner, a moderator, or a mere member of a room.
public struct GrantRole: Sendable {
    public var room: RoomName
    public var user: UserID
    public var role: RoomRole

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
        self.user = try fields.user()
        self.role = try fields.choice("role")
    }
}

/// Let somebody into a private room.
public struct Invite: Sendable {
    public var room: RoomName
    public var user: UserID

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
        self.user = try fields.user()
    }
}

public struct Uninvite: Sendable {
    public var room: RoomName
    public var user: UserID

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
        self.user = try fields.user()
    }
}

extension FrameFields {
    /// An empty reason is none.
    func reason() throws(FrameError) -> String? {
        guard let text = try self.optionalString("reason") else { return nil }
        return try OneLine.trimmed(text, bytes: Limits.reasonBytes, field: "reason")
    }

    func duration() throws(FrameError) -> Int64? {
        try self.optionalInteger("duration", in: 1...Limits.sanction)
    }

    func optionalChoice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, of type: Choice.Type = Choice.self
    ) throws(FrameError) -> Choice? where Choice.RawValue == String {
        guard let text = try self.optionalString(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw FrameError(.badFrame, "'\(name)' must be one of \(choices)")
        }
        return choice
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ name: String) throws(FrameError) -> Choice
    where Choice.RawValue == String {
        guard let choice: Choice = try self.optionalChoice(name) else {
            throw FrameError(.badFrame, "'\(name)' is missing")
        }
        return choice
    }
}
