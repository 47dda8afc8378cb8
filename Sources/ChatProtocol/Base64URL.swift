/// RFC 4648, section 5, without padding.
public enum Base64URL {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// What each byte stands for as a digit; 64: nothing.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 64, count: 256)
        for (value, digit) in Self.digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    public static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        // Three bytes become four digits; one or two that are left, two or three.
        let count = (bytes.count * 4 + 2) / 3
        return String(unsafeUninitializedCapacity: count) { text in
            var bits: UInt32 = 0
            var bitCount: UInt32 = 0
            var written = 0
            for byte in bytes {
                bits = bits << 8 | UInt32(byte)
                bitCount += 8
                while bitCount >= 6 {
                    bitCount -= 6
                    text[written] = Self.digits[Int(bits >> bitCount & 63)]
                    written += 1
                }
            }
            if bitCount > 0 {
                text[written] = Self.digits[Int(bits << (6 - bitCount) & 63)]
                written += 1
            }
            return written
        }
    }

    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        Array(bytes).withUnsafeBytes { Self.encode($0) }
    }

    /// `nil` for text with other characters. Spare bits are not looked at: compare with ``encode(_:)``.
    public static func decode(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for character in text.utf8 {
            let digit = Self.values[Int(character)]
            guard digit < 64 else { return nil }
            bits = bits << 6 | UInt32(digit)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }
}
