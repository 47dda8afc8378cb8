import NIOCore
import TestSupport
import Testing

@testable import ChatProtocol

@Suite struct EntryHeaderTests {
    private func header(_ text: String) -> Position? {
        EntryHeader(ByteBuffer(string: text))?.position
    }

    @Test func readsTheFrontOfAnEntry() {
        let entry = #"{"offset":12,"epoch":"aB-9","at":1700000000000,"type":"message"}"#
        #expect(header(entry) == Position(epoch: "aB-9", offset: 12, at: 1_700_000_000_000))
        var sliced = ByteBuffer(string: "xx" + entry)
        sliced.moveReaderIndex(forwardBy: 2)
        #expect(EntryHeader(sliced)?.position.offset == 12)
        let largest = #"{"offset":9007199254740991,"epoch":"e","at":9007199254740991,"#
        #expect(header(largest)?.offset == 1 << 53 - 1)
        #expect(header(#"{"offset":1,"epoch":"\#(String(repeating: "e", count: 64))","at":1,"#) != nil)
    }

    @Test(arguments: [
        "", "{", #"{"type":"typing"}"#, #"{"offset":,"epoch":"e","at":1,"#, #"{"offset":-1,"epoch":"e","at":1,"#,
        #"{"offset":1.5,"epoch":"e","at":1,"#, #"{ "offset":1,"epoch":"e","at":1,"#, #"{"offset":1,"epoch":"","at":1,"#,
        #"{"offset":1,"epoch":e,"at":1,"#, #"{"offset":1,"epoch":"e","at":1}"#, #"{"offset":1,"epoch":"e","at":x,"#,
        #"{"offset":9007199254740992,"epoch":"e","at":1,"#,
        #"{"offset":1,"epoch":"e","at":99999999999999999999999999,"#,
        #"{"offset":18446744073709551617,"epoch":"e","at":1,"#, #"{"epoch":"e","offset":1,"at":1,"#,
        #"{"offset":1,"epoch":"\#(String(repeating: "e", count: 65))","at":1,"#, #"{"offset":1,"epoch":"e"#,
    ])
    func refusesWhatIsNone(_ text: String) {
        #expect(header(text) == nil)
    }

    @Test func cutOffOrDamagedBytesNeverTrap() {
        let bytes = Array(#"{"offset":12,"epoch":"aB-9","at":1700000000000,"type":"message"}"#.utf8)
        let length = 47
        for count in 0..<bytes.count {
            #expect((EntryHeader(ByteBuffer(bytes: bytes.prefix(count))) != nil) == (count >= length))
        }
        var random = SeededGenerator(seed: 1)
        for _ in 0..<5_000 {
            var damaged = bytes
            damaged[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            _ = EntryHeader(ByteBuffer(bytes: damaged))
        }
    }
}
