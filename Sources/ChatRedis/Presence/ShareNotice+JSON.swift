internal import ChatCore
internal import ChatProtocol
internal import NIOCore

extension PresentUser {
    /// What a share's hash and a node's list of users hold for a user: `{"name":…,"status":…,"since":…,"sessions":…}`, with
    /// `statusText` behind the status where there is one.
    ///
    /// `presence_prelude.lua` reads name and status by the order of these fields.
    var json: ByteBuffer {
        var writer = JSONWriter(capacity: 96)
        writer.beginObject()
        self.writeFields(to: &writer)
        writer.endObject()
        return writer.buffer
    }

    func writeFields(to writer: inout JSONWriter) {
        writer.field("name", self.name)
        writer.field("status", self.status)
        writer.field("statusText", optional: self.statusText)
        writer.field("since", self.since)
        writer.field("sessions", self.sessions)
    }
}

extension ShareChanges {
    /// The end of a ``ShareNotice``: `"here":[{"id":…,"name":…,…}],"gone":["id",…]}`.
    ///
    /// `share.lua` puts `{"type":"share","node":…,"size":…,` in front: only there the share's size is known.
    var noticeEnd: ByteBuffer {
        var writer = JSONWriter(capacity: 64 + 128 * self.here.count + 40 * self.gone.count)
        writer.name("here")
        writer.beginArray()
        for user in self.here {
            writer.beginObject()
            writer.field("id", user.id.string)
            user.writeFields(to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.name("gone")
        writer.beginArray()
        for user in self.gone { writer.value(user.id.string) }
        writer.endArray()
        writer.endObject()
        return writer.buffer
    }
}
