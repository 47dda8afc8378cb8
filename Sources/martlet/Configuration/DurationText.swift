/// Times as people write them: `15s`, `500ms`, `2m`, `1h`, or plain seconds; decimals are allowed.
enum DurationText {
    private static let units: [(suffix: String, milliseconds: Double)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
    ]

    /// Nil for anything else, negative times included. Precise to a millisecond; a day at most 10,000 times over.
    static func parse(_ text: String) -> Duration? {
        let unit = units.first { text.hasSuffix($0.suffix) }
        let digits = text.dropLast(unit?.suffix.count ?? 0)
        // `Double` would also take "nan", "inf", "0x10" and "1e3".
        guard digits.first?.isNumber == true, digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
            let number = Double(digits)
        else { return nil }
        let milliseconds = (number * (unit?.milliseconds ?? 1000)).rounded()
        guard milliseconds <= 864_000_000_000 else { return nil }
        return .milliseconds(Int64(milliseconds))
    }

    /// The shortest form that ``parse(_:)`` reads back: `15s`, `500ms`, `5m`.
    static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        if milliseconds != 0 { return "\(seconds * 1000 + milliseconds)ms" }
        if seconds != 0 && seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        if seconds != 0 && seconds % 60 == 0 { return "\(seconds / 60)m" }
        return "\(seconds)s"
    }
}
