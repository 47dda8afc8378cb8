public import NIOCore

extension Event {
    /// Somebody writes in a room, or no longer.
    public static func typing(room: RoomName, user: UserID, isOn: Bool) -> ByteBuffer {
        var json = JSONWriter()
        json.beginObject()
        json.field("type", "typing")
        json.field("room", room.string)
        json.field("user", user.string)
        json.field("on", isOn)
        json.endObject()
        return json.buffer
    }

    /// Somebody mentioned the user whose sessions get this.
    ///
    /// - Parameter entry: the message, as stored.
    public static func mention(room: RoomName, entry: ByteBuffer) -> ByteBuffer {
        var json = JSONWriter(capacity: 80 + entry.readableBytes)
        json.beginObject()
        json.field("type", "mention")
        json.field("room", room.string)
        json.name("entry")
        json.value(encoded: entry)
        json.endObject()
        return json.buffer
    }

    /// Somebody let the user, whose sessions get this, into a room.
    public static func invited(to room: RoomName, by: NamedUser) -> ByteBuffer {
        var json = JSONWriter()
        json.beginObject()
        json.field("type", "invited")
        json.field("room", room.string)
        json.name("by")
        by.encode(into: &json)
        json.endObject()
        return json.buffer
    }

    /// Somebody has read a room up to an entry.
    public static func read(room: RoomName, user: UserID, offset: UInt64) -> ByteBuffer {
        var json = JSONWriter()
        json.beginObject()
        json.field("type", "read")
        json.field("room", room.string)
        json.field("user", user.string)
        json.field("offset", offset)
        json.endObject()
        return json.buffer
    }
}
