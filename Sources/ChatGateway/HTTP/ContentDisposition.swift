/// How a file is offered, by its name (RFC 6266).
enum ContentDisposition {
    static func header(_ name: String, isInline: Bool) -> String {
        let plain = String(
            name.unicodeScalars.map {
                (0x20..<0x7F).contains($0.value) && $0 != "\"" && $0 != "\\" ? Character($0) : "_"
            })
        let encoded = name.utf8.map { byte in
            Self.isAttributeCharacter(byte) ? String(Unicode.Scalar(byte)) : "%" + Self.hexadecimal(byte)
        }.joined()
        return "\(isInline ? "inline" : "attachment"); filename=\"\(plain)\"; filename*=UTF-8''\(encoded)"
    }

    /// RFC 8187, section 3.2.1, `attr-char`, without the marks that nobody needs.
    private static func isAttributeCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default:
            false
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.utf8.count == 1 ? "0" + digits : digits
    }
}
