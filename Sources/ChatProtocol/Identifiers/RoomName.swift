/// The name of a conversation.
///
/// A room's name has 1–64 characters of `a-z 0-9 . _ -`, the first a letter or digit. A direct room, the private
/// conversation of two users, is `dm:<user>:<user>` with the two ids in byte order.
public struct RoomName: Hashable, Sendable, CustomStringConvertible {
    public let string: String

    /// `nil` when the text is neither a room's nor a direct room's name.
    public init?(_ text: String) {
        guard Self.isRoom(text.utf8) || Self.participants(of: text) != nil else { return nil }
        self.string = text
    }

    private init(unchecked text: String) {
        self.string = text
    }

    /// The direct room of two users; `nil` for a user and themself.
    public static func direct(_ one: UserID, _ other: UserID) -> RoomName? {
        guard one != other else { return nil }
        let (first, second) = Self.inByteOrder(one.string, other.string) ? (one, other) : (other, one)
        return RoomName(unchecked: "dm:\(first):\(second)")
    }

    public var isDirect: Bool {
        // Asked several times a message, and nearly always answered by the first byte.
        self.string.utf8.first == UInt8(ascii: "d") && self.string.utf8.starts(with: "dm:".utf8)
    }

    /// The two users of a direct room, in byte order; `nil` for any other room.
    public var participants: (UserID, UserID)? {
        self.isDirect ? Self.participants(of: self.string) : nil
    }

    /// Whether a user is one of the two of this direct room; false for any other room.
    public func isDirect(of user: UserID) -> Bool {
        guard let (first, second) = self.participants else { return false }
        return first == user || second == user
    }

    public var description: String { self.string }

    private static func isRoom(_ bytes: String.UTF8View) -> Bool {
        guard (1...64).contains(bytes.count), let first = bytes.first, Self.isAlphanumeric(first) else { return false }
        return bytes.allSatisfy { byte in
            Self.isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-")
        }
    }

    private static func participants(of text: String) -> (UserID, UserID)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "dm", let first = UserID(String(parts[1])),
            let second = UserID(String(parts[2])), Self.inByteOrder(first.string, second.string)
        else { return nil }
        return (first, second)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Strictly before, by bytes: Swift's own `<` compares Unicode scalars after normalisation.
    private static func inByteOrder(_ one: String, _ other: String) -> Bool {
        one.utf8.lexicographicallyPrecedes(other.utf8)
    }
}
