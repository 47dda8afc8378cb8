import ChatCore
import ChatProtocol
import Testing

@testable import ChatRedis

/// What `append.lua` answers, and what it never should.
@Suite struct ReplyWordsTests {
    private func appended(_ text: String) -> Appended? {
        var text = text
        return text.withUTF8 { LogReplies.appended(UnsafeRawBufferPointer($0)) }
    }

    @Test func anAppendIsRead() {
        let position = Position(epoch: "3cfb59605", offset: 12, at: 1_795_244_955_799)
        #expect(appended("12 3cfb59605 1795244955799 0") == Appended(position: position, isRepeat: false))
        #expect(appended("12 3cfb59605 1795244955799 1") == Appended(position: position, isRepeat: true))
        #expect(appended("9007199254740993 e 9007199254740993 0")?.position.offset == 9_007_199_254_740_993)
    }

    @Test(arguments: [
        "", " ", "12", "12 e", "12 e 5", "12 e 5 ", "12 e 5 0 ", "12 e 5 0 7", "12  5 0", " 12 e 5 0", "-1 e 5 0",
        "1 e 5.0 0", "1 e 5 256", "18446744073709551616 e 5 0", "1 e 9223372036854775808 0", "1 e 5 -", "\u{0}",
    ])
    func anythingElseIsNot(_ text: String) {
        #expect(appended(text) == nil)
    }

    @Test func wordsAreTakenOneByOne() {
        let bytes = Array("7 è 255".utf8)
        bytes.withUnsafeBytes { bytes in
            var words = ReplyWords(bytes)
            #expect(words.number() == UInt64(7) && words.text() == "è" && !words.isAtEnd)
            #expect(words.number() == UInt8(255) && words.isAtEnd)
            #expect(words.text() == nil && words.number() == Int?.none)
        }
    }
}
