import NIOCore
import TestSupport
import Testing

@testable import ChatProtocol

@Suite struct JSONWriterTests {
    @Test func writesNestedValues() {
        var json = JSONWriter()
        json.beginObject()
        json.field("a", "x")
        json.field("b", optional: nil)
        json.field("c", -5)
        json.name("d")
        json.beginArray()
        json.value(true)
        json.beginObject()
        json.endObject()
        json.beginArray()
        json.endArray()
        json.value(encoded: ByteBuffer(string: "[7]"))
        json.endArray()
        json.field("e", UInt64.max)
        json.endObject()
        #expect(String(buffer: json.buffer) == #"{"a":"x","c":-5,"d":[true,{},[],[7]],"e":18446744073709551615}"#)
    }

    @Test func everyScalarSurvives() throws {
        for value in Array(0...0x2FF) + [0x2028, 0x2029, 0xD7FF, 0xE000, 0xFFFE, 0xFFFF, 0x1F600, 0x10FFFF] as [UInt32]
        {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "a\(Character(scalar))b"
            var json = JSONWriter()
            json.value(text)
            let bytes = json.buffer.readableBytesView
            #expect(bytes.allSatisfy { $0 >= 0x20 })
            #expect(try JSONValue.parse(json.buffer).string?.utf8.elementsEqual(text.utf8) == true)
        }
    }

    @Test func whatIsWrittenIsReadBack() throws {
        for seed in 0..<300 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let value = Self.value(depth: 0, &random)
            var json = JSONWriter(capacity: 0)
            Self.write(value, &json)
            #expect(try JSONValue.parse(json.buffer) == value, "seed \(seed)")
        }
    }

    private static let names: [StaticString] = ["a", "type", "reconnectAfter"]

    private static func value(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: depth > 6 ? 2...4 : 0...4, using: &random) {
        case 0: .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth: depth + 1, &random) })
        case 1:
            .object(
                (0..<Int.random(in: 0...3, using: &random)).map { index in
                    .init(name: "\(names[index])", value: value(depth: depth + 1, &random))
                })
        case 2: .bool(Bool.random(using: &random))
        case 3: .integer(Int64.random(in: .min ... .max, using: &random))
        default: .string(text(&random))
        }
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let limit: UInt32 = random.oneIn(2) ? 0x7F : 0x10FFFF
            if let scalar = Unicode.Scalar(UInt32.random(in: 0...limit, using: &random)) { scalars.append(scalar) }
        }
        return String(scalars)
    }

    private static func write(_ value: JSONValue, _ json: inout JSONWriter) {
        switch value {
        case .bool(let flag): json.value(flag)
        case .integer(let number): json.value(number)
        case .string(let text): json.value(text)
        case .array(let values):
            json.beginArray()
            for value in values { write(value, &json) }
            json.endArray()
        case .object(let members):
            json.beginObject()
            for member in members {
                for name in names where "\(name)" == member.name { json.name(name) }
                write(member.value, &json)
            }
            json.endObject()
        case .null, .number: Issue.record("nobody writes these")
        }
    }
}
