/// Random identifiers as text, from the system's cryptographic generator.
public enum RandomText {
    /// `bits` random bits (a multiple of 64 is used whole; others are rounded up) as lower-case hexadecimal digits.
    public static func hexadecimal(bits: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        var text = ""
        for _ in 0..<max(1, (bits + 63) / 64) {
            let word = String(generator.next(), radix: 16)
            text += String(repeating: "0", count: 16 - word.utf8.count) + word
        }
        return text
    }
}
