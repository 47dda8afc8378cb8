import Testing

@testable import ChatGateway

@Suite struct ByteRangeTests {
    @Test(arguments: [
        (nil, ByteRange.whole), ("bytes=0-0", .part(0..<1)), ("bytes=0-9", .part(0..<10)), ("bytes=3-", .part(3..<10)),
        ("bytes=-3", .part(7..<10)), ("bytes=-30", .part(0..<10)), ("bytes=5-99", .part(5..<10)),
        ("Bytes=1-2", .part(1..<3)), ("bytes= 1 - 2 ", .part(1..<3)), ("bytes=9-9", .part(9..<10)),
        ("bytes=10-", .notSatisfiable), ("bytes=10-11", .notSatisfiable), ("bytes=-0", .notSatisfiable),
        ("bytes=99999999999999999999-", .notSatisfiable), ("bytes=0-99999999999999999999", .part(0..<10)),
        ("bytes=4-3", .whole), ("bytes=", .whole), ("bytes=-", .whole), ("bytes=a-b", .whole), ("items=0-1", .whole),
        ("bytes=0-1,3-4", .whole), ("bytes=1--2", .whole), ("bytes=+1-2", .whole), ("", .whole),
    ])
    func ranges(header: String?, range: ByteRange) {
        #expect(ByteRange(header, size: 10) == range)
    }

    @Test func ofNothing() {
        #expect(ByteRange(nil, size: 0) == .whole)
        #expect(ByteRange("bytes=0-", size: 0) == .notSatisfiable)
        #expect(ByteRange("bytes=-1", size: 0) == .notSatisfiable)
    }

    @Test func namesOfFiles() {
        #expect(
            ContentDisposition.header("a \"ü\".txt", isInline: false)
                == "attachment; filename=\"a ____.txt\"; filename*=UTF-8''a%20%22%C3%BC%22.txt".replacing(
                    "____", with: "___"))
        #expect(ContentDisposition.header("a\r\nx: y", isInline: true).contains("\n") == false)
    }
}
