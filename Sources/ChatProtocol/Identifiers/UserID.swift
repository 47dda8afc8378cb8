/// Who is behind a session: 1–40 characters of `A-Z a-z 0-9 _ -`. Guests get `g-` and 128 random bits.
public struct UserID: Hashable, Sendable, CustomStringConvertible {
    public let string: String

    /// `nil` when the text is not a valid id.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard (1...40).contains(bytes.count), bytes.allSatisfy(Self.isAllowed) else { return nil }
        self.string = text
    }

    private init(unchecked text: String) {
        self.string = text
    }

    /// A new guest: 128 bits from the system's generator, in hexadecimal.
    public static func randomGuest() -> UserID {
        UserID(unchecked: "g-" + RandomText.hexadecimal(bits: 128))
    }

    /// A new account, likewise.
    public static func randomAccount() -> UserID {
        UserID(unchecked: "u-" + RandomText.hexadecimal(bits: 128))
    }

    public var isGuest: Bool { self.string.hasPrefix("g-") }

    /// Whether this is a guest's or an account's id: `g-` or `u-` and 32 hexadecimal digits.
    public var isRandom: Bool {
        let digits = self.string.utf8.dropFirst(2)
        return (self.isGuest || self.string.hasPrefix("u-")) && digits.count == 32
            && digits.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }

    public var description: String { self.string }

    static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}
