/// Finds who is meant by `@name` in a text.
///
/// A mention begins at the text's start or behind something that is no letter or digit, so addresses of mail are none; what
/// stands in code marks is none either. Names may have spaces and dots, so each mention has several readings: the longest
/// that somebody is called is the one.
public struct Mentions: Sendable {
    /// For each mention the names that may be meant, the longest first.
    public let readings: [[DisplayName]]

    /// Names that are looked up for one text, at most.
    private static let lookups = 60
    private static let words = 3

    public init(in text: String) {
        guard text.contains(byte: UInt8(ascii: "@")) else {
            self.readings = []
            return
        }
        var readings: [[DisplayName]] = []
        var count = 0
        var rest = text[...]
        var isBehindWord = false
        while let character = rest.first, readings.count < Limits.mentions {
            if character == "`" {
                rest = Self.behindCode(rest)
                isBehindWord = false
                continue
            }
            rest = rest.dropFirst()
            if character == "@", !isBehindWord {
                let names = Self.names(at: rest)
                count += names.count
                guard count <= Self.lookups else { break }
                if !names.isEmpty { readings.append(names) }
            }
            isBehindWord = Self.isWord(character)
        }
        self.readings = readings
    }

    /// Who is mentioned: of each mention the first name that somebody has.
    ///
    /// - Parameter users: who has the names, in the order of ``readings``.
    public func users(_ users: [UserID?]) -> [UserID] {
        var found: [UserID] = []
        var index = users.startIndex
        for names in self.readings {
            let owners = users[index..<min(index + names.count, users.endIndex)]
            index = min(index + names.count, users.endIndex)
            if let user = owners.lazy.compactMap({ $0 }).first, !found.contains(user) { found.append(user) }
        }
        return found
    }

    /// Behind a span of code or, when it is not closed, behind its marks.
    private static func behindCode(_ text: Substring) -> Substring {
        let marks = text.prefix { $0 == "`" }
        let inner = text[marks.endIndex...]
        guard let end = inner.firstRange(of: marks) else { return inner }
        return text[end.upperBound...]
    }

    private static func names(at text: Substring) -> [DisplayName] {
        // A name has 32 characters at most; behind them there may be a mark of punctuation.
        let window = text.prefix(34).prefix { !$0.isNewline }
        guard let first = window.first, !first.isWhitespace else { return [] }
        var readings: [Substring] = []
        var end = window.startIndex
        for _ in 0..<Self.words where end < window.endIndex {
            let next = window[end...].dropFirst().firstIndex(where: \.isWhitespace) ?? window.endIndex
            readings.append(window[..<next])
            end = next
        }
        readings = readings.reversed().flatMap { [$0, Self.withoutTail($0)] }
        // `@ann's`, `@ann/bob`
        let start = window.prefix { Self.isWord($0) || $0 == "-" || $0 == "." }
        readings += [Self.withoutTail(start), window.prefix { Self.isWord($0) }]
        var names: [DisplayName] = []
        for reading in readings {
            guard let name = DisplayName(String(reading)), !names.contains(where: { $0.folded == name.folded }) else {
                continue
            }
            names.append(name)
        }
        return names
    }

    private static func withoutTail(_ text: Substring) -> Substring {
        var text = text
        while let last = text.last, !Self.isWord(last) { text.removeLast() }
        return text
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }
}
