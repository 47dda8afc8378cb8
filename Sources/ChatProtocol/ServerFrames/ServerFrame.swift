public import NIOCore

/// A frame for one client. Entries and events for all in a room are encoded once and shared instead.
public enum ServerFrame: Sendable {
    case welcome(Welcome)
    case joined(Joined)
    case ack(Ack)
    case members(Members)
    case history(HistoryPage)
    case rooms(RoomList)
    case inbox(ConversationList)
    case blocked(re: String?, users: [UserID])
    case settings(re: String?, showsReading: Bool)
    case room(RoomInfo)
    case kicked(room: RoomName, reason: String?)
    case moderation(ModerationPage)
    case audit(AuditPage)
    case pong(re: String?, at: Int64)
    case error(re: String?, room: String?, FrameError)
    case goaway(reconnectAfter: Int64, reason: String)
    case degraded(on: Bool, reason: String)

    /// The frame as JSON text.
    public func encoded() -> ByteBuffer {
        var json = JSONWriter()
        json.beginObject()
        switch self {
        case .welcome(let welcome): welcome.encode(into: &json)
        case .joined(let joined): joined.encode(into: &json)
        case .ack(let ack): ack.encode(into: &json)
        case .members(let members): members.encode(into: &json)
        case .history(let page): page.encode(into: &json)
        case .rooms(let rooms): rooms.encode(into: &json)
        case .inbox(let list): list.encode(into: &json)
        case .blocked(let re, let users):
            json.field("type", "blocked")
            json.field("re", optional: re)
            json.name("users")
            json.beginArray()
            for user in users { json.value(user.string) }
            json.endArray()
        case .settings(let re, let showsReading):
            json.field("type", "settings")
            json.field("re", optional: re)
            json.field("showReading", showsReading)
        case .room(let info): info.encode(into: &json)
        case .kicked(let room, let reason):
            json.field("type", "kicked")
            json.field("room", room.string)
            json.field("reason", optional: reason)
        case .moderation(let page): page.encode(into: &json)
        case .audit(let page): page.encode(into: &json)
        case .pong(let re, let at):
            json.field("type", "pong")
            json.field("re", optional: re)
            json.field("at", at)
        case .error(let re, let room, let error):
            json.field("type", "error")
            json.field("re", optional: re)
            json.field("room", optional: room)
            json.field("code", error.code.rawValue)
            json.field("message", error.message)
            if let retryAfter = error.retryAfter { json.field("retryAfter", retryAfter) }
        case .goaway(let reconnectAfter, let reason):
            json.field("type", "goaway")
            json.field("reconnectAfter", reconnectAfter)
            json.field("reason", reason)
        case .degraded(let on, let reason):
            json.field("type", "degraded")
            json.field("on", on)
            json.field("reason", reason)
        }
        json.endObject()
        return json.buffer
    }
}

/// What answers a frame with an `id`, when it has no reply type of its own.
public struct Ack: Sendable {
    public var re: String
    public var room: RoomName?
    public var position: Position?
    /// Until when the session's token is good, in milliseconds since the Unix epoch.
    public var expiresAt: Int64?

    public init(re: String, room: RoomName? = nil, position: Position? = nil, expiresAt: Int64? = nil) {
        self.re = re
        self.room = room
        self.position = position
        self.expiresAt = expiresAt
    }

    func encode(into json: inout JSONWriter) {
        json.field("type", "ack")
        json.field("re", self.re)
        json.field("room", optional: self.room?.string)
        if let position = self.position { json.position(position) }
        if let expiresAt = self.expiresAt { json.field("expiresAt", expiresAt) }
    }
}

extension JSONWriter {
    mutating func position(_ position: Position) {
        self.field("offset", position.offset)
        self.field("epoch", position.epoch)
        self.field("at", position.at)
    }
}
