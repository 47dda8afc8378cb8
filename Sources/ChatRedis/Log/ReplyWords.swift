internal import ChatProtocol

/// Walks over a reply that is words, with a space between two.
struct ReplyWords {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// No word is left.
    var isAtEnd: Bool { self.index > self.bytes.count }

    /// The next word, if it is a decimal number without a sign that is not too large.
    mutating func number<Number: FixedWidthInteger>() -> Number? {
        let word = self.word()
        guard !word.isEmpty else { return nil }
        var value: Number = 0
        for byte in word {
            let digit = byte &- UInt8(ascii: "0")
            let (tenfold, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooLarge) = tenfold.addingReportingOverflow(Number(truncatingIfNeeded: digit))
            guard digit < 10, !overflows, !isTooLarge else { return nil }
            value = sum
        }
        return value
    }

    /// The next word, if there is one; invalid UTF-8 is repaired.
    mutating func text() -> String? {
        let word = self.word()
        return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
    }

    private mutating func word() -> UnsafeRawBufferPointer {
        let start = min(self.index, self.bytes.count)
        let end = self.bytes.index(of: UInt8(ascii: " "), from: start)
        self.index = end + 1
        return UnsafeRawBufferPointer(rebasing: self.bytes[start..<end])
    }
}
