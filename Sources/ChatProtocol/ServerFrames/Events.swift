public import NIOCore

/// Ephemeral events, encoded once for all sessions of a room: best effort, may be dropped for a slow consumer.
public enum Event {
    /// From node to node: write now who is in the room.
    public static let settle = ByteBuffer(string: #"{"type":"settle"}"#)

    /// Who came and who went since the last such event.
    ///
    /// - Parameter isApproximate: a large room, of which only the count is told; who is on several nodes counts more than
    ///   once.
    public static func presence(
        room: RoomName, joined: [Member], left: [UserID], count: Int, isApproximate: Bool = false
    ) -> ByteBuffer {
        var json = JSONWriter()
        json.beginObject()
        json.field("type", "presence")
        json.field("room", room.string)
        json.name("joined")
        json.beginArray()
        for member in joined { member.encode(into: &json) }
        json.endArray()
        json.name("left")
        json.beginArray()
        for user in left {
            json.beginObject()
            json.field("id", user.string)
            json.endObject()
        }
        json.endArray()
        json.field("count", count)
        if isApproximate { json.field("approx", true) }
        json.endObject()
        return json.buffer
    }

    /// Somebody's new name or status.
    public static func user(_ member: Member) -> ByteBuffer {
        var json = JSONWriter()
        json.beginObject()
        json.field("type", "user")
        json.name("user")
        member.encode(into: &json)
        json.endObject()
        return json.buffer
    }
}
