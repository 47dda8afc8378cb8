import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

@Suite struct SessionAttachmentTests {
    private let cluster = TestCluster()
    private let node: TestNode

    init() throws {
        node = try cluster.node(loops: 2, settings: .init(limits: Limits(framesPerSecond: 0, attachmentBytes: 100)))
    }

    private func connect(_ user: String, loop: Int = 0, room: String? = "lobby") throws -> TestClient {
        let client = node.connect(loop: loop)
        try client.hello(user)
        if let room { client.say(#"{"type":"join","id":"j","room":"\#(room)"}"#) }
        _ = client.take()
        return client
    }

    private func attach(
        _ client: TestClient, _ content: String = "%PDF-1.7", room: String = #""room":"lobby""#, id: String = "a",
        more: String = #","name":"a.pdf","mediaType":"image/png""#
    ) {
        let header = #"{"type":"attach","id":"\#(id)",\#(room)\#(more)}"#
        var frame = ByteBuffer()
        frame.writeInteger(UInt32(header.utf8.count))
        frame.writeString(header)
        frame.writeString(content)
        client.session.receive(binary: frame)
        cluster.run()
    }

    @Test func aMessageCarriesIt() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob", loop: 1))
        attach(ann, more: #","name":"a.pdf","mediaType":"image/png","text":"look","key":"k1""#)
        let frames = ann.take()
        #expect(Set(frames.summary) == ["ack a", "message look"])
        let message = try bob.takeOne()
        #expect(message.text == "look" && message["key"]?.string == "k1")
        let attachment = try #require(message["attachment"])
        #expect(attachment["type"]?.string == "application/pdf" && attachment["name"]?.string == "a.pdf")
        #expect(attachment["size"]?.integer == 8 && attachment["url"] == nil)
        let id = try #require(attachment["id"]?.string.flatMap { AttachmentID($0) })
        #expect(cluster.redis.attachments.bytes(id) == ByteBuffer(string: "%PDF-1.7"))
    }

    @Test func textMayBeEmptyAndBytesToo() throws {
        let ann = try connect("ann")
        attach(ann, "")
        let message = try #require(ann.take().first { $0.type == "message" })
        #expect(message.text == "" && message["attachment"]?["size"]?.integer == 0)
    }

    @Test(arguments: [
        #","mediaType":"a/b""#, #","name":"","mediaType":"a/b""#, #","name":7,"mediaType":"a/b""#,
        #","name":"a\nb","mediaType":"a/b""#, #","name":"..","mediaType":"a/b""#, #","name":"a""#,
        #","name":"a","mediaType":"a/b","text":7"#, #","name":"a","mediaType":"a/b","key":"a b""#,
        #","name":"a","mediaType":"a/b","text":" ""#, #","name":"a","mediaType":"a/b","to":"bob""#,
    ])
    func badHeaders(more: String) throws {
        let ann = try connect("ann")
        attach(ann, more: more)
        #expect(try ann.takeOne().code == "bad_frame")
        #expect(cluster.redis.attachments.all.isEmpty)
    }

    @Test func whatIsRefusedIsNotStored() throws {
        let ann = try connect("ann")
        attach(ann, String(repeating: "x", count: 101))
        attach(ann, room: #""room":"garden""#)
        attach(ann, room: #""room":"dm:bob:carl""#)
        attach(ann, room: #""to":"ann""#)
        ann.say(#"{"type":"attach","id":"a","room":"lobby","name":"a","mediaType":"b"}"#)
        #expect(ann.take().map(\.code) == ["too_large", "not_member", "forbidden", "bad_room", "bad_frame"])
        attach(ann, room: #""to":"nobody""#)
        #expect(try ann.takeOne().code == "not_found")
        #expect(cluster.redis.attachments.all.isEmpty)
    }

    @Test func inADirectRoomTheLinkIsSigned() throws {
        let (ann, bob) = (try connect("ann", room: nil), try connect("bob", loop: 1, room: nil))
        attach(ann, room: #""to":"bob""#)
        let message = try bob.takeOne()
        let id = try #require(message["attachment"]?["id"]?.string)
        #expect(message["attachment"]?["url"]?.string == "/attachments/\(id)?signature=ok")
        bob.say(
            #"{"type":"history","id":"1","room":"dm:ann:bob"}"#, #"{"type":"join","id":"2","room":"dm:ann:bob"}"#)
        for page in bob.take() {
            #expect(page["entries"]?.array?.first == message, "\(page)")
        }
    }

    /// What a session sends is stored in the order sent, and what is said during an upload waits for it.
    @Test func whatFollowsWaits() throws {
        let ann = try connect("ann")
        cluster.redis.attachments.hold()
        attach(ann, "one", id: "1")
        ann.say(#"{"type":"send","id":"2","room":"lobby","text":"two"}"#)
        attach(ann, "three", id: "3")
        attach(ann, "four", id: "4")
        #expect(ann.take().map(\.code) == ["too_many"])
        cluster.redis.attachments.release()
        cluster.run()
        let acks = ann.take().filter { $0.type == "ack" }
        #expect(acks.map(\.re) == ["1", "2", "3"] && acks.map(\.offset) == [1, 2, 3])
    }

    @Test func aStoreThatIsAway() throws {
        let ann = try connect("ann")
        cluster.redis.attachments.fail()
        attach(ann)
        ann.say(#"{"type":"send","id":"2","room":"lobby","text":"two"}"#)
        #expect(Set(ann.take().summary) == ["error a unavailable", "ack 2", "message two"])
    }

    @Test func endingDuringAnUploadIsHarmless() throws {
        let ann = try connect("ann")
        cluster.redis.attachments.hold()
        attach(ann)
        ann.session.end()
        cluster.redis.attachments.release()
        cluster.run()
        #expect(cluster.redis.log(try #require(RoomName("lobby"))).entries.isEmpty)
    }

    @Test func onlySoManyAtOnce() throws {
        let ann = try connect("ann")
        for _ in 0..<Limits.attachmentBurst + 1 { attach(ann) }
        #expect(ann.take().last?.code == "rate_limited")
    }

    @Test func thePlainDialectShowsWhereItIs() throws {
        let ann = try connect("ann")
        let plain = node.connect(dialect: PlainDialect())
        cluster.run()
        _ = plain.takeLines()
        attach(ann)
        let line = try #require(plain.takeLines().first)
        #expect(line.dropFirst(6).starts(with: "ann: [a.pdf: /attachments/bG9iYnk."))
    }
}
