import Testing

@testable import ChatProtocol

@Suite struct MessageTextTests {
    @Test(arguments: [
        "a", "  a  ", "a\n\tb", "é é", "日本", "\u{1F468}\u{200D}\u{1F469}", "\u{202E}a", "a\u{2028}b", "1234567890",
    ])
    func isKept(_ text: String) throws {
        #expect(Array(try MessageText.normalise(text, limit: 40).utf8) == Array(text.utf8))
    }

    @Test(arguments: [
        ("a\r\nb", "a\nb"), ("a\rb", "a\nb"), ("\r\n\r\na\n\rb\r", "\n\na\n\nb\n"), ("é\r\n", "é\n"),
        // Composed, reordered, an ohm sign, Hangul; and what composing leaves apart.
        ("e\u{301}", "\u{E9}"), ("a\u{301}\u{323}", "\u{1EA1}\u{301}"), ("\u{2126}", "\u{3A9}"),
        ("\u{1100}\u{1161}", "\u{AC00}"), ("\u{958}", "\u{915}\u{93C}"), ("ﬁＡ", "ﬁＡ"),
    ])
    func isNormalised(_ text: String, _ normal: String) throws {
        let once = try MessageText.normalise(text, limit: 40)
        #expect(Array(once.utf8) == Array(normal.utf8))
        #expect(Array(try MessageText.normalise(once, limit: 40).utf8) == Array(normal.utf8))
    }

    @Test(
        arguments: [
            ("", .badFrame), (" ", .badFrame), (" \n\t", .badFrame), ("\r\n", .badFrame), (" \n\u{3000}", .badFrame),
            ("12345678901", .tooLarge), ("éééééé", .tooLarge),
            // Six bytes that are eighteen composed.
            ("\u{1D160}", .tooLarge),
        ] as [(String, ErrorCode)])
    func isRefused(_ text: String, _ code: ErrorCode) {
        let error = #expect(throws: FrameError.self) { try MessageText.normalise(text, limit: 10) }
        #expect(error?.code == code)
    }

    @Test func controlCharactersAreRefusedAndNamed() {
        for value in [0...8, 0xB...0xC, 0xE...0x1F, 0x7F...0x9F].joined() {
            for text in ["", "é", "eight more"].flatMap({
                [$0 + "\(Unicode.Scalar(UInt8(value)))", "\(Unicode.Scalar(UInt8(value)))" + $0]
            }) {
                let error = #expect(throws: FrameError.self) { try MessageText.normalise(text, limit: 40) }
                #expect(error?.code == .badFrame)
                let code = String(value, radix: 16, uppercase: true)
                #expect(error?.message.contains("U+00" + (code.count < 2 ? "0" : "") + code) == true, "\(error as Any)")
            }
        }
    }
}
