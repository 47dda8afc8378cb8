/// A file that a message carries; its bytes are fetched from `/attachments/<id>`.
///
/// An object, so that what most messages do not have is one word in each of them.
public final class Attachment: Sendable, Equatable {
    public let id: AttachmentID
    /// What its bytes are, by looking at them.
    public let type: ContentType
    /// What the sender calls it, for people: never a path.
    public let name: String
    /// In bytes.
    public let size: Int

    public init(id: AttachmentID, type: ContentType, name: String, size: Int) {
        self.id = id
        self.type = type
        self.name = name
        self.size = size
    }

    public static func == (one: Attachment, other: Attachment) -> Bool {
        (one.id, one.type, one.name, one.size) == (other.id, other.type, other.name, other.size)
    }

    func encode(into json: inout JSONWriter) {
        json.beginObject()
        json.field("id", self.id.string)
        json.field("type", self.type.string)
        json.field("name", self.name)
        json.field("size", self.size)
        json.endObject()
    }

    /// The name of a file as it may be stored: 1–255 bytes, without control and bidi characters; separators of paths
    /// become `_`.
    public static func fileName(_ text: String) -> String? {
        let name = String(text.map { $0 == "/" || $0 == "\\" ? "_" : $0 })
        guard (1...255).contains(name.utf8.count), !name.allSatisfy(\.isWhitespace), name != ".", name != "..",
            name.unicodeScalars.allSatisfy({
                $0.properties.generalCategory != .control && !$0.properties.isBidiControl
            })
        else { return nil }
        return name
    }
}

/// Names an attachment: the room it is in, so that everything about it lies beside the room's log, and 128 random bits,
/// so that nobody guesses it.
public struct AttachmentID: Sendable, Hashable, CustomStringConvertible {
    public let room: RoomName
    /// 32 hexadecimal digits.
    public let secret: String

    /// A new one.
    public init(in room: RoomName) {
        self.room = room
        self.secret = RandomText.hexadecimal(bits: 128)
    }

    /// `nil` when the text is no attachment's id.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 256, parts.count == 2, parts[1].utf8.count == 32,
            parts[1].utf8.allSatisfy({
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }),
            let bytes = Base64URL.decode(parts[0]), let name = String(validating: bytes, as: UTF8.self),
            let room = RoomName(name), Base64URL.encode(bytes) == parts[0]
        else { return nil }
        self.room = room
        self.secret = String(parts[1])
    }

    /// `<the room in base64url>.<the secret>`.
    public var string: String { "\(Base64URL.encode(self.room.string.utf8)).\(self.secret)" }

    public var description: String { self.string }
}
