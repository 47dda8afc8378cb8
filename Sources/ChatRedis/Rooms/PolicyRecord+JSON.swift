internal import ChatCore
internal import ChatProtocol
internal import NIOCore

extension RoomPolicy.Record {
    /// What a list's hash holds of a user: `{"name":…,"role":…,"by":…,"byName":…,"at":…,"until":…,"reason":…}`, without
    /// what there is none of. `moderate.lua` writes the beginning of some, `conversation.lua` and `clusterban.lua` read
    /// `until`.
    var json: ByteBuffer {
        var writer = JSONWriter(capacity: 160)
        writer.beginObject()
        writer.field("name", self.name)
        self.writeRest(to: &writer)
        writer.field("at", self.at)
        if let until = self.until { writer.field("until", until) }
        writer.field("reason", optional: self.reason)
        writer.endObject()
        return writer.buffer
    }

    /// The same from behind the name, for records that a script puts names in front of.
    var jsonBehindName: ByteBuffer {
        var writer = JSONWriter(capacity: 120)
        writer.beginObject()
        self.writeRest(to: &writer)
        writer.field("at", self.at)
        writer.endObject()
        var buffer = writer.buffer
        buffer.moveReaderIndex(forwardBy: 1)
        var rest = ByteBuffer(string: ",")
        rest.writeBuffer(&buffer)
        return rest
    }

    private func writeRest(to writer: inout JSONWriter) {
        writer.field("role", optional: self.role?.rawValue)
        writer.field("by", optional: self.by?.id.string)
        writer.field("byName", optional: self.by?.name)
    }

    /// What another hand wrote there may be `nil`: nobody is banned by it.
    init?(_ value: ByteBuffer) {
        guard let json = try? JSONValue.parse(value), json.object != nil else { return nil }
        let by = json["by"]?.string.flatMap { UserID($0) }
        self.init(
            name: json["name"]?.string ?? "",
            role: json["role"]?.string.flatMap { RoomRole(rawValue: $0) },
            by: by.map { NamedUser(id: $0, name: json["byName"]?.string ?? $0.string) },
            at: json["at"]?.integer ?? 0,
            until: json["until"]?.integer,
            reason: json["reason"]?.string
        )
    }
}

extension Founder {
    /// An owner's record from behind `{"at":…,`.
    var recordEnd: ByteBuffer {
        var writer = JSONWriter(capacity: 80)
        writer.beginObject()
        writer.field("name", self.name)
        writer.field("role", RoomRole.owner.rawValue)
        writer.endObject()
        var buffer = writer.buffer
        buffer.moveReaderIndex(forwardBy: 1)
        return buffer
    }
}

extension ClusterBan {
    /// What the profile holds: `<until, 0 for good> <reason>`.
    init?(stored text: String) {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard let until = parts.first.flatMap({ Int64($0) }) else { return nil }
        self.init(until: until > 0 ? until : nil, reason: parts.count > 1 ? String(parts[1]) : nil)
    }

    var stored: String {
        "\(self.until ?? 0)" + (self.reason.map { " \($0)" } ?? "")
    }
}
