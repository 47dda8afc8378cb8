public import NIOCore

/// A message entry as the node encodes it, once in its life.
public enum MessageBody {
    /// The entry's JSON from `"type":…` to the closing brace; the store puts offset, epoch and `at` in front.
    ///
    /// - Parameter mentions: who is mentioned in the text, as the server found out.
    public static func encode(_ send: Send, room: RoomName, author: Author, mentions: [UserID] = []) -> ByteBuffer {
        let known = room.string.utf8.count + author.json.readableBytes
        var json = JSONWriter(capacity: known + send.text.utf8.count + 128)
        json.beginObject()
        json.field("type", plain: "message")
        json.field("room", plain: room.string)
        json.name("from")
        json.value(encoded: author.json)
        json.field("text", send.text)
        json.field("key", optional: send.key)
        if let replyTo = send.replyTo { json.field("replyTo", replyTo) }
        if send.action { json.field("action", true) }
        json.mentions(mentions)
        if let attachment = send.attachment {
            // Last: a link to it is put in where the entry goes to those who may follow it.
            json.name("attachment")
            attachment.encode(into: &json)
        }
        json.endObject()
        // The store writes the opening brace together with what it puts in front.
        return json.buffer(from: 1)
    }
}

extension JSONWriter {
    /// Who is mentioned; nothing for nobody.
    mutating func mentions(_ users: [UserID]) {
        guard !users.isEmpty else { return }
        self.name("mentions")
        self.beginArray()
        for user in users { self.value(user.string) }
        self.endArray()
    }
}
