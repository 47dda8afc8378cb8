import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

/// Edits, deletions and reactions, as sessions see them.
@Suite struct SessionChangesTests {
    private let cluster = TestCluster()
    private let node: TestNode

    init() throws {
        node = try cluster.node(loops: 2, settings: .init(limits: Limits(textBytes: 20, framesPerSecond: 0)))
    }

    private func connect(
        _ user: String, loop: Int = 0, room: String? = "lobby", on node: TestNode? = nil
    ) throws
        -> TestClient
    {
        let client = (node ?? self.node).connect(loop: loop)
        try client.hello(user)
        if let room { client.say(#"{"type":"join","id":"j","room":"\#(room)"}"#) }
        _ = client.take()
        return client
    }

    private func send(_ text: String) -> String { #"{"type":"send","room":"lobby","text":"\#(text)"}"# }

    private func edit(_ offset: Int, _ text: String, room: String = "lobby") -> String {
        #"{"type":"edit","id":"e","room":"\#(room)","offset":\#(offset),"text":"\#(text)"}"#
    }

    private func delete(_ offset: Int, room: String = "lobby") -> String {
        #"{"type":"delete","id":"d","room":"\#(room)","offset":\#(offset)}"#
    }

    private func react(_ offset: Int, _ emoji: String, on: Bool = true, room: String = "lobby") -> String {
        #"{"type":"react","id":"r","room":"\#(room)","offset":\#(offset),"emoji":"\#(emoji)","on":\#(on)}"#
    }

    @Test func everybodySeesWhatChanges() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob", loop: 1))
        ann.say(send("hi"), edit(1, "hello"), delete(1))
        bob.say(send("you"), react(4, "👍"))
        for client in [ann, bob] {
            let entries = client.take().filter { $0.offset != nil && $0.type != "ack" }
            #expect(entries.map(\.type) == ["message", "edited", "deleted", "message", "reacted"])
            #expect(entries.map(\.offset) == [1, 2, 3, 4, 5])
            #expect(entries.map { $0["target"]?.integer } == [nil, 1, 1, nil, 4])
            #expect(entries.map { $0["from"]?["id"]?.string } == ["ann", "ann", "ann", "bob", "bob"])
            #expect(entries.map(\.text) == ["hi", "hello", nil, "you", nil])
            #expect(entries[4]["emoji"]?.string == "👍" && entries[4]["on"]?.bool == true)
            #expect(entries.allSatisfy { $0.room == "lobby" && $0["epoch"] != nil && $0["at"] != nil })
        }
    }

    @Test func theAcknowledgementIsThePosition() throws {
        let ann = try connect("ann")
        ann.say(send("hi"), edit(1, "hello"))
        let ack = try #require(ann.take().first { $0.re == "e" })
        #expect(ack.type == "ack" && ack.offset == 2 && ack.room == "lobby" && ack.position != nil)
    }

    @Test func whatCannotBeChanged() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob"))
        ann.say(send("hi"), edit(1, "hello"))
        _ = (ann.take(), bob.take())
        bob.say(edit(1, "mine now"), delete(1))
        #expect(bob.take().summary.map { $0.prefix(17) } == ["error e forbidden", "error d forbidden"])
        ann.say(edit(9, "x"), delete(9), react(9, "👍"), edit(2, "x"), delete(2), react(2, "👍"))
        #expect(ann.take().allSatisfy { $0.code == "not_found" })
        ann.say(delete(1))
        _ = ann.take()
        ann.say(edit(1, "x"), delete(1), react(1, "👍"))
        #expect(ann.take().map(\.code) == ["not_found", "not_found", "not_found"])
    }

    @Test(arguments: [
        #""offset":1,"text":"""#, #""offset":1,"text":" ""#, #""offset":0,"text":"x""#, #""offset":-1,"text":"x""#,
        #""text":"x""#, #""offset":1"#, #""offset":"1","text":"x""#, #""offset":1.5,"text":"x""#,
        #""offset":1,"text":"a\u0000b""#,
    ])
    func badEdits(fields: String) throws {
        let ann = try connect("ann")
        ann.say(#"{"type":"edit","id":"e","room":"lobby",\#(fields)}"#)
        #expect(try ann.takeOne().code == "bad_frame")
    }

    @Test(arguments: [
        #""emoji":"","on":true"#, #""emoji":"a b","on":true"#, #""emoji":"👍""#, #""on":true"#,
        #""emoji":"👍","on":1"#, #""emoji":"\n","on":true"#, #""emoji":7,"on":true"#,
        #""emoji":"123456789012345678901234567890123","on":true"#,
    ])
    func badReactions(fields: String) throws {
        let ann = try connect("ann")
        ann.say(#"{"type":"react","id":"r","room":"lobby","offset":1,\#(fields)}"#)
        #expect(try ann.takeOne().code == "bad_frame")
    }

    @Test func aTextBeyondTheLimit() throws {
        let ann = try connect("ann")
        ann.say(send("hi"))
        _ = ann.take()
        ann.say(edit(1, String(repeating: "x", count: 21)))
        #expect(try ann.takeOne().code == "too_large")
    }

    @Test func onlyMembersMayChange() throws {
        let ann = try connect("ann", room: nil)
        cluster.redis.say("hi", in: try #require(RoomName("lobby")))
        ann.say(edit(1, "x"), delete(1), react(1, "👍"))
        #expect(ann.take().map(\.code) == ["not_member", "not_member", "not_member"])
        ann.say(edit(1, "x", room: "dm:bob:carl"))
        #expect(try ann.takeOne().code == "forbidden")
    }

    /// The recent entries forget what was deleted, for sessions of any loop.
    @Test func whoeverComesLaterDoesNotGetWhatWasDeleted() throws {
        let ann = try connect("ann")
        let other = try connect("bob", loop: 1)
        ann.say(send("one"), send("secret"), edit(2, "secret too"), react(2, "👍"), send("three"), delete(2))
        let head = try #require(other.take().last?.position)
        for (loop, since) in [(0, ""), (1, ""), (0, "0"), (1, "1")] {
            let late = try connect("late\(loop)\(since)", loop: loop, room: nil)
            let at = Int64(since) == 1 ? cluster.redis.log(try #require(RoomName("lobby"))).entries[0].at : 0
            let position = Int64(since).map { Position(epoch: head.epoch, offset: UInt64($0), at: at).json }
            let more = position.map { #","since":\#($0)"# } ?? ""
            late.say(#"{"type":"join","id":"1","room":"lobby"\#(more)}"#)
            let joined = try late.takeOne()
            let offsets = joined["entries"]?.array?.map(\.offset)
            #expect(offsets == (since == "1" ? [4, 5, 6] : [1, 4, 5, 6]))
            #expect(joined["recovered"]?.bool == !since.isEmpty)
        }
        #expect(node.store.calls[.entries] == nil, "served from memory")
    }

    @Test func aGapIsFilledWithoutWhatWasDeleted() throws {
        let lobby = try #require(RoomName("lobby"))
        let ann = try connect("ann")
        let there = try connect("bob", on: try cluster.node("n2"))
        node.store.cutLink()
        there.say(send("one"), send("secret"), delete(2), send("three"))
        #expect(ann.take().isEmpty)
        node.store.restoreLink()
        #expect(ann.take().map(\.offset) == [1, 3, 4])
        there.say(send("four"))
        #expect(ann.take().map(\.text) == ["four"])
        #expect(node.hub.rooms[lobby]?.recent.snapshot.latestOrAll(9).map(\.offset) == [1, 3, 4, 5])
    }

    @Test func bothUsersOfADirectRoomSeeIt() throws {
        let ann = try connect("ann", room: nil)
        let bob = try connect("bob", loop: 1, room: nil)
        let there = try connect("bob", room: nil, on: try cluster.node("n2"))
        ann.say(#"{"type":"send","to":"bob","text":"hi"}"#)
        for client in [ann, bob, there] { _ = client.take() }
        ann.say(edit(1, "hello", room: "dm:ann:bob"))
        #expect(ann.take().map(\.type).sorted { $0 ?? "" < $1 ?? "" } == ["ack", "edited"])
        there.say(react(1, "🐦", room: "dm:ann:bob"))
        ann.say(delete(1, room: "dm:ann:bob"))
        #expect(bob.take().map(\.type) == ["edited", "reacted", "deleted"])
        #expect(there.take().filter { $0.type != "ack" }.map(\.offset) == [2, 3, 4])
    }

    @Test func aStoreThatIsAway() throws {
        let ann = try connect("ann")
        node.store.failing = [.change]
        ann.say(send("hi"), edit(1, "x"))
        #expect(ann.take().first { $0.re == "e" }?.code == "unavailable")
    }

    @Test func thePlainDialectPutsItIntoWords() throws {
        let ann = try connect("ann")
        let plain = node.connect(dialect: PlainDialect())
        cluster.run()
        _ = plain.takeLines()
        ann.say(send("hi"), edit(1, "hello"), react(1, "👍"), react(1, "👍", on: false), delete(1))
        let lines = plain.takeLines().map { String($0.dropFirst(6)) }
        #expect(lines == ["ann: hi", "* ann edited: hello", "* ann reacted 👍", "* ann deleted a message"])
    }
}
