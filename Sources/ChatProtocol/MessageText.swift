import Foundation

/// What a user says, as it is stored: in Unicode's normalization form C (Unicode Standard Annex 15), lines ending in a
/// line feed, no control characters but that and the tab.
public enum MessageText {
    /// Refuses text that says nothing, holds another control character, or is too long.
    ///
    /// - Parameter limit: bytes of UTF-8, before and after: composing can make a text longer.
    public static func normalise(_ text: String, limit: Int) throws(FrameError) -> String {
        try Self.check(text, limit: limit)
        // Most texts are this, and their own normal form.
        if text.isPrintableASCII {
            if let first = text.utf8.first, first > 0x20 { return text }
            guard text.utf8.contains(where: { $0 > 0x20 }) else { throw Self.empty }
            return text
        }
        let normalised = try Self.composed(Self.lines(of: text))
        try Self.check(normalised, limit: limit)
        guard !normalised.allSatisfy(\.isWhitespace) else { throw Self.empty }
        return normalised
    }

    private static func check(_ text: String, limit: Int) throws(FrameError) {
        guard text.utf8.count <= limit else { throw FrameError(.tooLarge, "'text' may have \(limit) bytes at most") }
    }

    /// CR LF and CR become LF.
    private static func lines(of text: String) throws(FrameError) -> String {
        guard text.unicodeScalars.contains(where: Self.isControl) else { return text }
        var scalars = String.UnicodeScalarView()
        var follows: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            defer { follows = scalar }
            switch scalar {
            case "\r": scalars.append("\n")
            case "\n" where follows == "\r": break
            case "\n", "\t": scalars.append(scalar)
            default:
                guard !Self.isControl(scalar) else { throw Self.control(scalar) }
                scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    /// Nothing below the combining marks is composed with anything.
    private static func composed(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value >= 0x300 }) else { return text }
        return text.precomposedStringWithCanonicalMapping
    }

    /// Unicode's general category Cc.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }

    private static let empty = FrameError(.badFrame, "'text' is empty")

    private static func control(_ scalar: Unicode.Scalar) -> FrameError {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let code = String(repeating: "0", count: 4 - digits.count) + digits
        return FrameError(
            .badFrame, "'text' must not contain control characters (U+\(code)), except line feeds and tabs"
        )
    }
}
