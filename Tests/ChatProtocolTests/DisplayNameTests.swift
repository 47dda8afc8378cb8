import TestSupport
import Testing

@testable import ChatProtocol

@Suite struct DisplayNameTests {
    @Test(arguments: [
        ("ann", "ann"), (" ann ", "ann"), ("Ann  B.\u{3000}C", "Ann B. C"), ("a\u{200B}n\u{200D}n\u{FEFF}", "ann"),
        ("a\u{AD}n\u{2060}n", "ann"), ("ｆｕｌｌ", "full"), ("ﬁne", "fine"), ("e\u{301}", "é"), ("日本", "日本"), ("😀", "😀"),
        ("a\u{202E}b", "ab"), ("\u{200E}a", "a"), ("\u{2066}a\u{2069}", "a"), ("\u{61C}a", "a"), ("a*[", "a*["),
        ("O'Neil-2_x.y", "O'Neil-2_x.y"), ("\u{1F468}\u{200D}\u{1F469}", "\u{1F468}\u{1F469}"),
        (String(repeating: "é", count: 32), String(repeating: "é", count: 32)),
    ])
    func normalises(_ text: String, _ name: String) throws {
        let displayName = try #require(DisplayName(text))
        #expect(Array(displayName.string.utf8) == Array(name.utf8))
    }

    @Test(arguments: [
        "", " ", "\u{200B}", "\u{3164}", "a:b", "：", "a\nb", "a\tb", "a\0", "\u{7F}a", "\u{85}", "\u{202E}\u{202C}",
        "[a", "* a", "*\u{301} a", "[\u{301}", "\u{200B}*a", "＊a", "\u{E000}", "\u{FFFF}",
        String(repeating: "x", count: 33),
        "a" + String(repeating: "\u{301}", count: 600), String(repeating: "\u{200B}", count: 1_000) + "a",
    ])
    func refuses(_ text: String) {
        #expect(DisplayName(text) == nil)
    }

    @Test(arguments: [
        ("Ann", "ANN"), ("Straße", "STRASSE"), ("ΟΔΟΣ", "οδος"), ("Ｋ", "k"), ("\u{212A}elvin", "kelvin"),
        ("Åse", "a\u{30A}se"),
        ("ann", " a\u{200B}nn"), ("ǅ", "ǆ"), ("ﬀ", "FF"),
    ])
    func namesThatLookAlikeFoldAlike(_ one: String, _ other: String) throws {
        let (first, second) = (try #require(DisplayName(one)), try #require(DisplayName(other)))
        #expect(Array(first.folded.utf8) == Array(second.folded.utf8))
    }

    @Test(arguments: [
        // Cyrillic, Greek, Armenian, small capitals and other Latin letters, marks; in either case, accented, mixed.
        ("paypal", "раураӏ"), ("PAYPAL", "РАУРАL"), ("scope", "ѕсоре"), ("TOM", "ТОМ"), ("Ёva", "Ëva"),
        ("xenia", "хеnіа"),
        ("NIKOA", "ΝΙΚΟΑ".replacing("Ν", with: "N")), ("óa", "όα"), ("vito", "νιτο"), ("noah", "ոօаհ"),
        ("admin", "ᴀᴅᴍɪɴ"),
        ("ali", "aʟı"), ("gas", "ɡɑs"), ("ann-2", "ann‑2"), ("ann-2", "ann–2"), ("o'neil", "o’neil"),
    ])
    func namesThatCannotBeToldApartFoldAlike(_ one: String, _ other: String) throws {
        let (first, second) = (try #require(DisplayName(one)), try #require(DisplayName(other)))
        #expect(first.string != second.string)
        #expect(Array(first.folded.utf8) == Array(second.folded.utf8), "\(first.folded) \(second.folded)")
    }

    /// What a name is shown as is never changed for the sake of what it is compared by.
    @Test func aNameStaysInItsScript() throws {
        #expect(try #require(DisplayName("Анна")).string == "Анна")
        #expect(try #require(DisplayName("Νίκος")).string == "Νίκος")
    }

    @Test func otherNamesFoldOtherwise() throws {
        let names = try [
            "ann", "anna", "an n", "änn", "ann-2", "ann1", "annl", "annI2", "modern", "rnodern", "o0", "oo", "Ева",
            "Эва",
            "Иван", "Йван", "ева2", "γα", "υα", "ԱՆ", "ԶԱ", "ԳԱ",
        ].map { try #require(DisplayName($0)).folded }
        #expect(Set(names).count == names.count)
    }

    /// A name that was accepted once is its own normal form, also when what was removed stood between two characters
    /// that belong together.
    @Test func normalisingAgainChangesNothing() throws {
        var random = SeededGenerator(seed: 3)
        let pool: [Unicode.Scalar] = [
            "a", "B", "e", "\u{301}", "\u{30A}", "\u{323}", "\u{200D}", "\u{AD}", "\u{FE0F}", "ﬁ", "Ａ", "\u{1100}",
            "\u{1161}",
            " ", "\u{A0}", "¨", "½", "ß", "İ", "Σ", "\u{1F600}", "\u{E0061}",
        ]
        var accepted = 0
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 1...8, using: &random)).compactMap { _ in pool.randomElement(using: &random)
            }
            guard let name = DisplayName(String(String.UnicodeScalarView(text))) else { continue }
            accepted += 1
            let again = try #require(DisplayName(name.string))
            #expect(Array(again.string.utf8) == Array(name.string.utf8), "\(text)")
            #expect(Array(again.folded.utf8) == Array(name.folded.utf8), "\(text)")
        }
        #expect(accepted > 4_000)
    }

    /// Plain names take a shorter way; both must come to the same. A soft hyphen sends a name the long way, and is dropped there.
    @Test func theShortWayLeadsWhereTheLongOneDoes() {
        var random = SeededGenerator(seed: 5)
        let pool = Array("aAzZ09 -_.':[*/@{~\u{7F}")
        for length in [1, 2, 3, 5, 31, 32, 33] {
            for _ in 0..<2_000 {
                let text = String((0..<length).compactMap { _ in pool.randomElement(using: &random) })
                let (short, long) = (DisplayName(text), DisplayName(text + "\u{AD}"))
                #expect(short?.string == long?.string && short?.folded == long?.folded, "\(text)")
            }
        }
    }

    @Test func variationsStayNames() throws {
        #expect(try #require(DisplayName("ann")).variation(2)?.string == "ann-2")
        let long = try #require(DisplayName(String(repeating: "x", count: 32)))
        #expect(long.variation(12)?.string == String(repeating: "x", count: 29) + "-12")
    }
}
