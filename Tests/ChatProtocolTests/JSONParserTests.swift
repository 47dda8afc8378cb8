import NIOCore
import TestSupport
import Testing

@testable import ChatProtocol

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws -> JSONValue {
        try JSONValue.parse(ByteBuffer(string: text))
    }

    @Test(
        arguments: [
            ("null", .null), (" true ", .bool(true)), ("\t\r\nfalse", .bool(false)), ("0", .integer(0)),
            ("-0", .integer(0)),
            ("42", .integer(42)), ("-7", .integer(-7)), ("9223372036854775807", .integer(.max)),
            ("-9223372036854775808", .integer(.min)), ("1.0", .number(1)), ("0.5", .number(0.5)),
            ("-2.5e-1", .number(-0.25)),
            ("1E2", .number(100)), ("1e+2", .number(100)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            (#""""#, .string("")), (#""a""#, .string("a")), (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
            (#""\u00e9\u0000""#, .string("é\0")), (#""\uD83D\uDE00""#, .string("😀")),
            (#""😀\u007f""#, .string("😀\u{7F}")),
            ("[]", .array([])), ("[ 1 , [ ] ]", .array([.integer(1), .array([])])), ("{ }", .object([])),
            (
                #"{"a":1,"b":{"c":null}}"#,
                .object([
                    .init(name: "a", value: .integer(1)),
                    .init(name: "b", value: .object([.init(name: "c", value: .null)])),
                ])
            ),
        ] as [(String, JSONValue)])
    func reads(_ text: String, _ value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "tru e", "01", "-", "-a", "+1", ".5", "1.", "1.e3", "1e", "1e+", "0x10", "1 2",
        "NaN",
        "Infinity", "--1", "'a'", "\"", "\"a", "\"\\", "\"\\\"", #""\x""#, #""\u12""#, #""\u12g4""#, #""\ud800""#,
        #""\ud800a""#, #""\ud800\n""#, #""\ud800\u0041""#, #""\udc00""#, #""\ud800\ud800""#, "\"\n\"", "\"a\u{1F}\"",
        "\"\\n\u{0}\"", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "]", "{", "{}}", "{,}", "{\"a\"", "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{1:2}", "{\"a\":1 \"b\":2}", "[1]x", "/**/1", "1//", "\u{FEFF}1",
        "\u{A0}1",
        "\u{0}", "1\u{0}",
    ])
    func refuses(_ text: String) {
        #expect(throws: JSONSyntaxError.self) { try parse(text) }
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0x80, 0x22], [0xFF],
            [0x7B, 0x22, 0xFE, 0x22, 0x3A, 0x31, 0x7D],
        ] as [[UInt8]])
    func refusesInvalidUTF8(_ bytes: [UInt8]) {
        #expect(throws: JSONSyntaxError.self) { try JSONValue.parse(ByteBuffer(bytes: bytes)) }
    }

    @Test func depthIsLimited() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        func objects(_ depth: Int) -> String {
            String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
        }
        _ = try parse(nested(16))
        _ = try parse(objects(16))
        #expect(throws: JSONSyntaxError.self) { try parse(nested(17)) }
        #expect(throws: JSONSyntaxError.self) { try parse(objects(17)) }
        #expect(throws: JSONSyntaxError.self) { try parse(String(repeating: "[", count: 60_000)) }
        #expect(throws: JSONSyntaxError.self) { try parse(String(repeating: #"{"a":"#, count: 12_000)) }
        _ = try JSONValue.parse(ByteBuffer(string: nested(3)), depthLimit: 3)
    }

    @Test func tellsWhere() {
        let error = #expect(throws: JSONSyntaxError.self) { try parse(#"{"a": x}"#) }
        #expect(error?.offset == 6)
        #expect(error?.description.hasSuffix("at byte 6") == true)
    }

    @Test func theLastOfANameCountsAndNullIsAbsent() throws {
        let value = try parse(#"{"a":1,"a":2,"b":null,"c":3,"c":null}"#)
        #expect(value["a"] == .integer(2))
        #expect(value["b"] == nil && value["c"] == nil && value["d"] == nil)
        #expect(try parse("[1]")["a"] == nil)
    }

    @Test func readsFromTheReaderIndexOn() throws {
        var buffer = ByteBuffer(string: "xx[1]")
        buffer.moveReaderIndex(forwardBy: 2)
        #expect(try JSONValue.parse(buffer) == .array([.integer(1)]))
        #expect(buffer.readableBytes == 3)
    }

    @Test func cutOffTextsAreErrorsAndNeverTrap() throws {
        let text = #" {"a":[1,-2.5e3,"\u00e9\ud83d\ude00x",{"b":[true,false,null]}],"c":"é"} "#
        let bytes = Array(text.utf8)
        _ = try JSONValue.parse(ByteBuffer(bytes: bytes))
        for count in 0..<bytes.count - 1 {
            #expect(throws: JSONSyntaxError.self) { try JSONValue.parse(ByteBuffer(bytes: bytes.prefix(count))) }
        }
        var random = SeededGenerator(seed: 5)
        for _ in 0..<5_000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                damaged[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                    in: .min ... .max, using: &random)
            }
            _ = try? JSONValue.parse(ByteBuffer(bytes: damaged))
        }
    }
}
