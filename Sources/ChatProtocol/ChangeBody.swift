public import NIOCore

/// Entries that change a message, as the node encodes them; the store puts offset, epoch and `at` in front.
///
/// `target` stands right behind the type: ``LogEntry/change`` reads it without parsing the rest.
public enum ChangeBody {
    /// - Parameter mentions: who is mentioned in the new text, as the server found out.
    public static func encode(
        _ edit: Edit, author: Author, mentions: [UserID] = []
    ) -> ByteBuffer {
        Self.encode("edited", edit.target, edit.room, author) { json in
            json.field("text", edit.text)
            json.mentions(mentions)
        }
    }

    public static func encode(_ delete: Delete, author: Author) -> ByteBuffer {
        Self.encode("deleted", delete.target, delete.room, author) { _ in }
    }

    public static func encode(_ react: React, author: Author) -> ByteBuffer {
        Self.encode("reacted", react.target, react.room, author) { json in
            json.field("emoji", react.emoji)
            json.field("on", react.isOn)
        }
    }

    private static func encode(
        _ type: String,
        _ target: UInt64,
        _ room: RoomName,
        _ author: Author,
        _ more: (inout JSONWriter) -> Void
    ) -> ByteBuffer {
        var json = JSONWriter()
        json.beginObject()
        json.field("type", type)
        json.field("target", target)
        json.field("room", room.string)
        json.name("from")
        json.value(encoded: author.json)
        more(&json)
        json.endObject()
        // The store writes the opening brace together with what it puts in front.
        return json.buffer(from: 1)
    }
}
