internal import NIOCore

/// Who writes an entry: encoded once for all that they write.
public final class Author: Sendable {
    public let user: UserID
    public let name: DisplayName
    /// `{"id":…,"name":…}`, as entries carry it.
    let json: ByteBuffer

    public init(_ user: UserID, name: DisplayName) {
        self.user = user
        self.name = name
        var json = JSONWriter(capacity: 160)
        json.beginObject()
        json.field("id", user.string)
        json.field("name", name.string)
        json.endObject()
        self.json = json.buffer
    }
}
