import NIOCore
import Testing

@testable import ChatProtocol

@Suite struct PlainCommandTests {
    @Test(
        arguments: [
            ("hi", .say("hi")), ("hi there \n", .say("hi there ")), ("//shrug", .say("/shrug")), (" /x", .say(" /x")),
            ("/nick Ann B", .nick("Ann B")), ("/NICK ann", .nick("ann")), ("/join lobby", .join("lobby")),
            ("/join lobby ", .join("lobby")), ("/join  lobby\r\n", .join("lobby")), ("/leave", .leave),
            ("/me  waves ", .action("waves")),
            ("/who", .who), ("/rooms", .rooms(after: nil)), ("/rooms  cats ", .rooms(after: "cats")),
            ("/help me", .help),
            ("/msg bob hi you", .message(to: "bob", text: "hi you")),
            ("/msg  bob  hi", .message(to: "bob", text: "hi")), ("/history", .history(20)), ("/history 5", .history(5)),
            ("/history 200 ", .history(200)),
        ] as [(String, PlainCommand)])
    func reads(_ line: String, _ command: PlainCommand) {
        #expect(PlainCommand(line) == command)
    }

    @Test(
        arguments: [
            ("/ban bob", .ban("bob", duration: nil, reason: "")),
            ("/ban bob 30s", .ban("bob", duration: 30_000, reason: "")),
            ("/mute bob 2h too  loud", .mute("bob", duration: 7_200_000, reason: "too  loud")),
            ("/ban bob +365d", .ban("bob", duration: 31_536_000_000, reason: "")),
            ("/ban bob spam 10m", .ban("bob", duration: nil, reason: "spam 10m")),
            ("/kick bob 10x is enough", .kick("bob", reason: "10x is enough")),
        ] as [(String, PlainCommand)])
    func readsSanctions(_ line: String, _ command: PlainCommand) {
        #expect(PlainCommand(line) == command)
    }

    @Test(arguments: ["", " ", "\n", "\r\n", "\t \u{3000}"])
    func ignoresEmptyLines(_ line: String) {
        #expect(PlainCommand(line) == nil)
    }

    @Test(arguments: [
        "/", "/ ", "/nick", "/nick  ", "/join", "/me", "/msg", "/msg bob", "/msg bob ", "/history 0", "/history 201",
        "/history x",
        "/history -1", "/ban", "/mute ", "/ban bob 0s", "/ban bob 4000d", "/ban bob 99999999999999999999d",
        "/mute bob -5m",
        "/ban bob 10min", "/ban bob 10M spam", "/ban bob 10m30s spam", "/mute bob 10", "/dance",
        "/\(String(repeating: "x", count: 9_999))",
    ])
    func saysWhatIsWrong(_ line: String) throws {
        guard case .mistake(let text) = try #require(PlainCommand(line)) else {
            Issue.record("'\(line)' is no mistake")
            return
        }
        #expect(!text.isEmpty && text.count < 100)
    }
}

@Suite struct PlainLineTests {
    private func entry(_ rest: String, at: Int64 = 0) -> LogEntry {
        let json = #"{"offset":1,"epoch":"e","at":\#(at),\#(rest)}"#
        return LogEntry(offset: 1, at: at, json: ByteBuffer(string: json))
    }

    @Test func aMessageIsALine() {
        let message = #""type":"message","room":"lobby","from":{"id":"u","name":"ann"},"text":"hi""#
        #expect(PlainLine.entry(entry(message, at: 3_600_000 * 13 + 60_000 * 5)) == "13:05 ann: hi")
        #expect(PlainLine.entry(entry(message + #","action":true"#)) == "00:00 * ann hi")
        let direct = #""type":"message","room":"dm:a:b","from":{"id":"a","name":"ann"},"text":"hi""#
        #expect(PlainLine.entry(entry(direct)) == "00:00 [private] ann: hi")
    }

    @Test(arguments: [#""type":"edited""#, #""type":"message""#, #""type":"message","from":{"name":"a"}"#, "7"])
    func whatIsNoMessageHasNoLine(_ rest: String) {
        #expect(PlainLine.entry(entry(rest)) == nil)
    }

    @Test(arguments: [
        ("a\nb", "a ⏎ b"), ("a\r\nb", "a ⏎ b"), ("a\u{2028}b\u{85}c", "a ⏎ b ⏎ c"), ("a\u{1B}[31mb\u{0}", "a[31mb"),
        ("a\u{202E}b\u{200F}", "ab"), ("é 😀", "é 😀"), ("\t", ""), ("e\u{301}\u{7}", "e\u{301}"),
    ])
    func othersTextStaysOnItsLine(_ text: String, _ line: String) {
        #expect(Array(PlainLine.clean(text).utf8) == Array(line.utf8))
    }

    @Test(arguments: [
        (0, "00:00"), (-5, "00:00"), (86_399_999, "23:59"), (86_400_000, "00:00"), (1_700_000_000_000, "22:13"),
    ])
    func timeIsUTC(_ at: Int64, _ text: String) {
        #expect(PlainLine.time(at) == text)
    }
}
