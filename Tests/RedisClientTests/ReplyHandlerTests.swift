import NIOCore
import NIOEmbedded
import Testing

@testable import RedisClient

/// Collects what a handler hands on.
private final class Collector: ReplyReceiver {
    var replies: [RedisValue] = []
    var shared: [String] = []
    var reads = 0
    var errors: [any Error] = []
    /// Called with each reply, before it is kept.
    var onReply: (() -> Void)?

    func received(_ reply: ReplyView, attempt: Int) throws(RedisError) {
        onReply?()
        shared.append(String(buffer: reply.shared))
        replies.append(reply.value())
    }

    func readCompleted(attempt: Int) { reads += 1 }

    func connectionEnded(attempt: Int, error: any Error) { errors.append(error) }
}

@Suite struct ReplyHandlerTests {
    private let collector = Collector()
    private let channel = EmbeddedChannel()

    init() throws {
        try addHandler(ReplyLimits(bytes: 100_000, elements: 1000))
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
    }

    private func addHandler(_ limits: ReplyLimits) throws {
        let reader = try #require(ReplyReader(limits: limits))
        let handler = ReplyHandler(reader: reader, attempt: 1, receiver: collector)
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    private func feed(_ text: String) throws {
        try channel.writeInbound(ByteBuffer(string: text))
    }

    private var violation: String? {
        if case .protocolViolation(let text) = collector.errors.first as? RedisError { text } else { nil }
    }

    private let everyKind =
        "+OK\r\n-ERR no\r\n:-42\r\n$5\r\na\r\n\0b\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n"
        + "*2\r\n:1\r\n*1\r\n$1\r\nx\r\n"
    private let everyValue: [RedisValue] = [
        .simple("OK"), .error(RedisServerError(code: "ERR", message: "no")), .integer(-42),
        .bulk(ByteBuffer(string: "a\r\n\0b")), .bulk(ByteBuffer()), .null, .null, .array([]),
        .array([.integer(1), .array([.bulk(ByteBuffer(string: "x"))])]),
    ]

    /// NIO reads what is left when a write fails, and a receiver may write while it is handed a reply.
    @Test func whatIsReadWithinAReplyComesBehindIt() throws {
        collector.onReply = { [channel, collector] in
            guard collector.replies.isEmpty else { return }
            collector.onReply = nil
            #expect(throws: Never.self) { try channel.writeInbound(ByteBuffer(string: ":3\r\n*1\r\n:4")) }
        }
        try feed("*2\r\n:0\r\n:1\r\n:2\r\n")
        #expect(collector.replies == [.array([.integer(0), .integer(1)]), .integer(2), .integer(3)])
        try feed("\r\n")
        #expect(collector.replies.last == .array([.integer(4)]))
    }

    @Test func whatIsSharedStaysThatOfItsReply() throws {
        collector.onReply = { [channel, collector] in
            guard collector.replies.isEmpty else { return }
            collector.onReply = nil
            #expect(throws: Never.self) { try channel.writeInbound(ByteBuffer(string: "$1\r\nc\r\n")) }
        }
        // The second has been given to hiredis together with the first; the third is far behind both.
        let long = String(repeating: "x", count: 9_000)
        try feed("$1\r\na\r\n$1\r\nb\r\n$9000\r\n\(long)\r\n")
        #expect(collector.shared == ["a", "b", long, "c"])
    }

    @Test func everyKindOfReply() throws {
        try feed(everyKind)
        #expect(collector.replies == everyValue)
        #expect(collector.reads == 1)
    }

    @Test(arguments: 1...9) func splitAnywhere(size: Int) throws {
        var rest = ByteBuffer(string: everyKind)
        while let piece = rest.readSlice(length: min(size, rest.readableBytes)), piece.readableBytes > 0 {
            try channel.writeInbound(piece)
        }
        #expect(collector.replies == everyValue)
        #expect(collector.errors.isEmpty)
    }

    private static let hostile = [
        "another protocol": "HTTP/1.1 400 Bad Request\r\n\r\n",
        "TLS": "\u{16}\u{3}\u{1}",
        "zeros": "\0\0\0\0",
        "RESP3": "%1\r\n+a\r\n+b\r\n",
        "a length that is no number": "$x\r\n",
        "a negative length": "$-2\r\n",
        "a length beyond 64 bits": "$99999999999999999999\r\n",
        "an integer without digits": ":\r\n",
        "an integer with a letter": ":1x\r\n",
        "a negative count": "*-2\r\n",
        "a count beyond 64 bits": "*99999999999999999999\r\n",
        "a count beyond 32 bits": "*4294967296\r\n",
        "a count that wants 16 GiB": "*2147483647\r\n",
        "one element too many": "*1001\r\n",
        "one element too many, inside": "*1\r\n*1001\r\n",
        "one level too many": String(repeating: "*1\r\n", count: 8),
        "many levels": String(repeating: "*1\r\n", count: 10_000),
    ]

    @Test(arguments: hostile.keys.sorted()) func hostileRepliesEndTheConnection(kind: String) throws {
        try feed("+OK\r\n" + #require(Self.hostile[kind]))
        #expect(collector.replies == [.simple("OK")])
        #expect(violation?.isEmpty == false)
        #expect(!channel.isActive)
        // Whatever still comes is not looked at.
        try? feed("+OK\r\n")
        #expect(collector.replies.count == 1)
        #expect(collector.errors.count == 1)
    }

    @Test func aHugeBulkIsCutOffAtTheLimit() throws {
        try feed("$9223372036854775807\r\n")
        #expect(collector.errors.isEmpty)
        for _ in 0..<11 where channel.isActive { try feed(String(repeating: "x", count: 10_000)) }
        #expect(violation?.contains("100000 bytes") == true)
        #expect(!channel.isActive)
    }

    @Test func anEndlessLineIsCutOffAtTheLimit() throws {
        for _ in 0..<11 where channel.isActive { try feed("+" + String(repeating: "x", count: 10_000)) }
        #expect(violation?.contains("100000 bytes") == true)
    }

    @Test func theLimitIsForOneReply() throws {
        let reply = "$60000\r\n" + String(repeating: "x", count: 60_000) + "\r\n"
        for _ in 0..<5 { try feed(reply) }
        #expect(collector.replies.count == 5)
        #expect(collector.errors.isEmpty)
    }

    @Test func nestingUpToTheLimitIsFine() throws {
        try feed(String(repeating: "*1\r\n", count: 7) + ":1\r\n")
        #expect(collector.replies.count == 1)
    }

    @Test func theReceiverMayCloseInTheMiddle() throws {
        collector.onReply = { [channel] in channel.close(promise: nil) }
        try feed("+1\r\n+2\r\n+3\r\n")
        #expect(collector.replies == [.simple("1")])
    }

    @Test func theEndOfTheConnectionIsReportedOnce() throws {
        try feed("$10\r\nabc")
        channel.pipeline.fireErrorCaught(ChannelError.ioOnClosedChannel)
        _ = try? channel.finish()
        #expect(collector.errors.count == 1)
        #expect(collector.replies.isEmpty)
    }
}
