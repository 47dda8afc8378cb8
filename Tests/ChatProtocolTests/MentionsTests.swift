import Testing

@testable import ChatProtocol

@Suite struct MentionsTests {
    private func found(_ text: String, names: [String: String]) -> [String] {
        let mentions = Mentions(in: text)
        let users = mentions.readings.flatMap { $0 }.map { name in names[name.folded].flatMap { UserID($0) } }
        return mentions.users(users).map(\.string)
    }

    private let names = [
        "ann": "u1", "bob": "u2", "ann lee": "u3", "zoë": "u4", "dr. x": "u5", "a-b": "u6", "test": "u7",
    ]

    @Test(arguments: [
        ("@ann", ["u1"]), ("hi @ann!", ["u1"]), ("(@ann)", ["u1"]), ("@Ann: hello", ["u1"]), ("@ann's", ["u1"]),
        ("@ann,@bob", ["u1", "u2"]), ("@bob @ann @bob", ["u2", "u1"]), ("@ann lee is", ["u3"]), ("@ann left", ["u1"]),
        ("@zoë.", ["u4"]), ("@ZOË", ["u4"]), ("ask @dr. x", ["u5"]), ("@a-b-", ["u6"]), ("@ann\nlee", ["u1"]),
        ("*@ann*", ["u1"]), ("„@ann“", ["u1"]),
    ]) func finds(text: String, users: [String]) {
        #expect(found(text, names: names) == users)
    }

    @Test(arguments: [
        "ann", "me@ann", "@ ann", "@", "@@", "@nobody", "`@ann`", "```\n@ann\n```", "a `@ann` b", "@annx", "@ann_",
    ]) func findsNobody(text: String) {
        #expect(found(text, names: names) == [])
    }

    @Test func anUnclosedMarkHidesNothing() {
        #expect(found("it`s @ann", names: names) == ["u1"])
    }

    @Test func theNumberIsBounded() {
        let text = (0..<500).map { "@n\($0)" }.joined(separator: " ")
        let mentions = Mentions(in: text)
        #expect(mentions.readings.count <= Limits.mentions)
        #expect(mentions.readings.joined().count <= 60)
    }

    @Test func whoIsMentionedTwiceIsListedOnce() {
        #expect(found("@ann @bob @ANN", names: names) == ["u1", "u2"])
    }

    @Test func hostileTextsAreHarmless() {
        for text in [
            "@" + String(repeating: "@", count: 4_000), String(repeating: "`", count: 4_000) + "@ann",
            "@" + String(repeating: "\u{301}", count: 4_000), "@\u{202E}ann", "@\0",
        ] {
            _ = Mentions(in: text)
        }
    }
}
