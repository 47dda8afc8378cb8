import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

/// `read` and `typing`: who may, who is told.
@Suite struct MarkerTests {
    private let cluster = TestCluster()
    private let node: TestNode
    private let other: TestNode

    init() throws {
        let settings = SessionLoop.Settings(limits: Limits(framesPerSecond: 0))
        node = try cluster.node("n1", loops: 2, settings: settings)
        other = try cluster.node("n2", settings: settings)
    }

    private func connect(
        _ user: String, loop: Int = 0, on node: TestNode? = nil, rooms: [String] = []
    ) throws -> TestClient {
        let client = (node ?? self.node).connect(loop: loop)
        try client.hello(user)
        for room in rooms { client.say(#"{"type":"join","id":"j","room":"\#(room)"}"#) }
        _ = client.take()
        return client
    }

    private func say(_ texts: String..., in room: String = "r") throws {
        for text in texts { cluster.redis.say(text, in: try #require(RoomName(room))) }
        cluster.run()
    }

    private func read(_ offset: Int, in room: String = "r") -> String {
        #"{"type":"read","id":"r\#(offset)","room":"\#(room)","offset":\#(offset)}"#
    }

    private func typing(_ on: Bool, in room: String = "r") -> String {
        #"{"type":"typing","id":"t","room":"\#(room)","on":\#(on)}"#
    }

    private func offsets(_ client: TestClient) -> [Int64?] {
        client.take().filter { $0.type == "read" }.map(\.offset)
    }

    // MARK: Reading

    @Test func readingMovesForwardAndIsToldToTheUsersOtherDevices() throws {
        let ann = try connect("ann", rooms: ["r"])
        let (again, afar) = (try connect("ann", loop: 1), try connect("ann", on: other))
        try say("1", "2", "3")
        _ = ann.take()
        ann.say(read(2))
        ann.say(read(1))
        ann.say(read(2))
        #expect(ann.take().filter { $0.type == "ack" }.map(\.re) == ["r2", "r1", "r2"])
        #expect(offsets(again) == [2])
        #expect(offsets(afar) == [2])
        // Another device finds it when it joins.
        again.say(#"{"type":"join","id":"j","room":"r"}"#)
        #expect(again.take().first?["readOffset"]?.integer == 2)
    }

    @Test func aRoomNeverReadHasNoReadOffset() throws {
        let ann = try connect("ann")
        ann.say(#"{"type":"join","id":"j","room":"r"}"#)
        #expect(try ann.takeOne()["readOffset"] == nil)
    }

    @Test func readingBeyondTheLastEntryIsRefused() throws {
        let ann = try connect("ann", rooms: ["r"])
        try say("1")
        _ = ann.take()
        ann.say(read(2))
        #expect([try ann.takeOne()].summary == ["error r2 bad_frame"])
    }

    @Test func theOtherOneOfADirectRoomIsTold() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob", on: other))
        ann.say(#"{"type":"send","id":"1","to":"bob","text":"hi"}"#)
        _ = (ann.take(), bob.take())
        bob.say(read(1, in: "dm:ann:bob"))
        let told = try #require(ann.take().first)
        #expect(told.type == "read" && told.room == "dm:ann:bob" && told["user"]?.string == "bob")
        #expect(told.offset == 1)
    }

    @Test func aSmallRoomIsToldAndALargeOneIsNot() throws {
        let (ann, bob) = (try connect("ann", rooms: ["r"]), try connect("bob", on: other, rooms: ["r"]))
        try say("1", "2")
        _ = bob.take()
        ann.say(read(1))
        #expect(offsets(bob) == [1])
        for number in 0..<RoomHub.readMarkerMembers { _ = try connect("u\(number)", rooms: ["r"]) }
        ann.say(read(2))
        #expect(offsets(bob) == [])
        #expect(offsets(ann).contains(2))
    }

    @Test func whatTheStoreCannotNoteIsNotTold() throws {
        let (ann, bob) = (try connect("ann", rooms: ["r"]), try connect("bob", rooms: ["r"]))
        try say("1")
        _ = (ann.take(), bob.take())
        node.store.failing = [.read]
        ann.say(read(1))
        #expect(try ann.takeOne().code == "unavailable")
        #expect(bob.take().isEmpty)
    }

    @Test func aRoomCanBeJoinedWhenItsReadOffsetCannotBeRead() throws {
        let ann = try connect("ann")
        node.store.failing = [.visit]
        ann.say(#"{"type":"join","id":"j","room":"r"}"#)
        #expect(try ann.takeOne().type == "joined")
    }

    // MARK: Writing

    @Test func typingIsToldToTheRoomAndEndsByItself() throws {
        let (ann, bob) = (try connect("ann", rooms: ["r"]), try connect("bob", on: other, rooms: ["r"]))
        ann.say(typing(true))
        let told = try bob.takeOne()
        #expect(told.type == "typing" && told.room == "r" && told["user"]?.string == "ann" && told["on"]?.bool == true)
        node.tick(after: .seconds(7))
        #expect(try #require(bob.take().last { $0.type == "typing" })["on"]?.bool == false)
    }

    @Test func typingInADirectRoomIsToldToTheOtherOneOnly() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob", on: other))
        let carl = try connect("carl")
        bob.say(typing(true, in: "dm:ann:bob"))
        #expect(try ann.takeOne()["user"]?.string == "bob")
        #expect(carl.take().isEmpty)
        #expect(bob.take().map(\.type) == ["ack"])
    }

    @Test(arguments: ["read", "typing"]) func onlyMembersMay(type: String) throws {
        let ann = try connect("ann")
        let fields = #""offset":0,"on":true"#
        ann.say(#"{"type":"\#(type)","id":"1","room":"r",\#(fields)}"#)
        ann.say(#"{"type":"\#(type)","id":"2","room":"dm:bob:carl",\#(fields)}"#)
        #expect(ann.take().map(\.code) == ["not_member", "forbidden"])
    }

    @Test(arguments: [
        #"{"type":"read","id":"1","room":"r"}"#, #"{"type":"read","id":"1","room":"r","offset":-1}"#,
        #"{"type":"typing","id":"1","room":"r"}"#, #"{"type":"typing","id":"1","room":"r","on":1}"#,
    ]) func fieldsAreChecked(frame: String) throws {
        let ann = try connect("ann", rooms: ["r"])
        ann.say(frame)
        #expect(try ann.takeOne().code == "bad_frame")
    }

    // MARK: The inbox

    @Test func theInboxListsRoomsJoinedBefore() throws {
        let ann = try connect("ann", rooms: ["r", "s"])
        try say("1")
        ann.say(#"{"type":"leave","id":"l","room":"s"}"#)
        ann.session.end()
        let again = try connect("ann", on: other)
        again.say(#"{"type":"inbox","id":"i"}"#)
        let inbox = try again.takeOne()
        #expect(inbox.type == "inbox" && inbox.re == "i")
        let conversation = try #require(inbox["conversations"]?.array?.first)
        #expect(conversation.room == "r" && conversation["last"]?.text == "1")
        #expect(conversation["readOffset"]?.integer == 0 && conversation["unread"]?.integer == 1)
    }

    @Test func oneInboxAfterAnother() throws {
        let ann = try connect("ann")
        ann.say(#"{"type":"inbox","id":"1"}"#, #"{"type":"inbox","id":"2"}"#)
        #expect(Set(ann.take().map(\.type)) == ["inbox", "error"])
        ann.say(#"{"type":"inbox","id":"3"}"#)
        #expect(try ann.takeOne().type == "inbox")
    }
}
