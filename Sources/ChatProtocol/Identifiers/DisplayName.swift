import Foundation

/// What a user is called: 1–32 characters, NFKC, no control characters, no `:`; unique by ``folded``: case
/// does not count, and letters of other scripts are taken for those of ASCII that they look like (``Confusables``).
public struct DisplayName: Hashable, Sendable, CustomStringConvertible {
    /// As shown.
    public let string: String
    /// For comparing: two names that fold alike are the same name.
    public let folded: String

    /// What to tell whoever gave a text that is no name. `[` and `*` mark what is no message in the plain dialect.
    public static let rule = "1 to 32 characters, no ':' and no control characters, and does not begin with '[' or '*'"

    /// Normalises a name and checks it; `nil` when nothing usable is left.
    ///
    /// Surrounding spaces, zero-width and bidi characters are removed, inner runs of spaces become one.
    public init?(_ text: String) {
        // A name of 32 characters is far below this; normalising megabytes for nothing would be a way to attack us.
        guard text.utf8.count <= 1024 else { return nil }
        if Self.isPlain(text) {
            guard text.utf8.count <= 32 else { return nil }
            self.string = text
            self.folded = text.lowercased()
            return
        }
        let normalised = text.precomposedStringWithCompatibilityMapping
        var scalars = String.UnicodeScalarView()
        var pendingSpace = false
        for scalar in normalised.unicodeScalars {
            if scalar.properties.isWhitespace, !Self.isControl(scalar) {
                pendingSpace = !scalars.isEmpty
                continue
            }
            if Self.isInvisible(scalar) { continue }
            guard !Self.isForbidden(scalar) else { return nil }
            if pendingSpace {
                scalars.append(" ")
                pendingSpace = false
            }
            scalars.append(scalar)
        }
        // Again: what was removed may have stood between two characters that belong together.
        let name = String(scalars).precomposedStringWithCompatibilityMapping
        guard (1...32).contains(name.count), name.utf8.count <= 256,
            let first = name.unicodeScalars.first, first != "[", first != "*"
        else { return nil }
        self.string = name
        // Up and down again: ß, SS and ss are one, as in Unicode's full case folding.
        self.folded = Self.skeleton(of: name.lowercased().uppercased().lowercased())
    }

    /// Whether a text is a name as it is, but for its length: most are, and need not be normalised.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "["), first != UInt8(ascii: "*") else { return false }
        var previous = UInt8(ascii: " ")
        for byte in text.utf8 {
            guard (0x20..<0x7F).contains(byte), byte != UInt8(ascii: ":"),
                byte != UInt8(ascii: " ") || previous != byte
            else { return false }
            previous = byte
        }
        return previous != UInt8(ascii: " ")
    }

    /// Letters without their accents first, so that an accent on a look-alike is one on what it looks like.
    private static func skeleton(of name: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in name.decomposedStringWithCompatibilityMapping.unicodeScalars {
            scalars.append(Confusables.prototype(of: scalar))
        }
        return String(scalars).precomposedStringWithCompatibilityMapping
    }

    /// The same name with a number behind it, shortened where that is needed: `ann` → `ann-2`.
    public func variation(_ number: Int) -> DisplayName? {
        let suffix = "-\(number)"
        return DisplayName(String(self.string.prefix(32 - suffix.count)) + suffix)
    }

    public var description: String { self.string }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control
    }

    /// Default-ignorable characters: zero-width spaces and joiners, soft hyphens, variation selectors, and what turns the
    /// direction of writing.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isDefaultIgnorableCodePoint
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        // U+2800, an empty braille cell, is a blank in all but name.
        if scalar == ":" || scalar == "\u{2800}" { return true }
        switch scalar.properties.generalCategory {
        case .control, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .format: return true
        default: return false
        }
    }
}
