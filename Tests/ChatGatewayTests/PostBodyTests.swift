import NIOCore
import Testing

@testable import ChatGateway

@Suite struct PostBodyTests {
    private func frames(_ body: String, limit: Int = 100) throws -> [String] {
        PostBody.lines(try PostBody.check(ByteBuffer(string: body), frameLimit: limit)).map { String(buffer: $0) }
    }

    @Test func oneObjectOrSeveral() throws {
        #expect(try frames(#"{"a":1}"#) == [#"{"a":1}"#])
        #expect(try frames("{\"a\":1}\n") == [#"{"a":1} "#])
        #expect(try frames("{\n \"a\": 1\r\n}") == [#"{  "a": 1  }"#])
        #expect(try frames("{\"a\":1}\r\n\n  \n{\"b\":2}\n").map { $0.trimmed } == [#"{"a":1}"#, #"{"b":2}"#])
    }

    @Test(arguments: ["", "\n \n", "x", "[]", "1", "{}{}", "{}\nx", "{}\n[1]", "{\"a\":\n1}\n{}", "{\"a\":\"\n\"}"])
    func whatIsNoObjectIsMalformed(_ body: String) {
        #expect(throws: PostBody.Failure.self) { try frames(body) }
    }

    @Test func anObjectIsBounded() throws {
        let long = #"{"a":"\#(String(repeating: "x", count: 92))"}"#
        #expect(try frames(long + "\n" + long).count == 2)
        #expect(throws: PostBody.Failure.tooLarge("a frame may have 100 bytes at most")) { try frames(long + " ") }
        #expect(throws: PostBody.Failure.tooLarge("a frame may have 100 bytes at most")) {
            try frames("{}\n" + long.replacing("xx", with: "xxx", maxReplacements: 1))
        }
    }

    @Test func aHelloNeedNotSaySo() {
        func hello(_ body: String) -> String? { PostBody.hello(ByteBuffer(string: body)).map { String(buffer: $0) } }
        #expect(hello("{}") == #"{"type":"hello"}"#)
        #expect(hello(#" { "name": "ann" } "#) == #" { "name": "ann" ,"type":"hello"}"#)
        #expect(hello(#"{"type":"hello","name":"ann"}"#) == #"{"type":"hello","name":"ann"}"#)
        #expect(hello(#"{"type":"join"}"#) == #"{"type":"join"}"#)
        #expect(hello(#"{"type":null}"#) == #"{"type":null,"type":"hello"}"#)
        #expect(hello("[]") == nil)
        #expect(hello("") == nil)
    }
}

extension String {
    fileprivate var trimmed: String { filter { $0 != "\r" } }
}
