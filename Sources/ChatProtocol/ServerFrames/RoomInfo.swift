/// How a room is set up: the answer to `configure`, and told to everybody in the room when it changes.
public struct RoomInfo: Sendable {
    public var re: String?
    public var room: RoomName
    public var settings: RoomSettings
    /// What the receiver is in the room; `nil`: as before.
    public var role: RoomRole?

    public init(re: String? = nil, room: RoomName, settings: RoomSettings, role: RoomRole? = nil) {
        self.re = re
        self.room = room
        self.settings = settings
        self.role = role
    }

    func encode(into json: inout JSONWriter) {
        json.field("type", "room")
        json.field("re", optional: self.re)
        json.field("room", self.room.string)
        json.field("topic", optional: self.settings.topic)
        json.field("access", self.settings.access.rawValue)
        json.field("announcement", self.settings.isAnnouncement)
        json.field("slowMode", self.settings.slowMode)
        json.field("role", optional: self.role?.rawValue)
    }
}

extension RoomSettings {
    /// What differs from the defaults, as `joined` has it.
    func encodeDifferences(into json: inout JSONWriter) {
        json.field("topic", optional: self.topic)
        if self.access != .public { json.field("access", self.access.rawValue) }
        if self.isAnnouncement { json.field("announcement", true) }
        if self.slowMode > 0 { json.field("slowMode", self.slowMode) }
    }
}
