import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

/// Blocking, mentions, and what a user can choose.
@Suite struct BlockTests {
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

    private func block(_ user: String) -> String { #"{"type":"block","id":"b","user":"\#(user)"}"# }
    private func direct(to user: String) -> String { #"{"type":"send","id":"d","to":"\#(user)","text":"hi"}"# }
    private func say(_ text: String, in room: String = "r", id: String = "s") -> String {
        #"{"type":"send","id":"\#(id)","room":"\#(room)","text":"\#(text)"}"#
    }

    // MARK: Blocking

    @Test func whoIsBlockedCannotWriteAndLearnsNoMore() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob", on: other))
        ann.say(block("bob"))
        #expect([try ann.takeOne()].summary == ["ack b"])
        bob.say(direct(to: "ann"))
        let refused = try bob.takeOne()
        #expect(refused.code == "forbidden" && refused["message"]?.string?.contains("block") == false)
        bob.say(#"{"type":"send","id":"d","room":"dm:ann:bob","text":"hi"}"#)
        #expect(try bob.takeOne().code == "forbidden")
        bob.say(#"{"type":"typing","room":"dm:ann:bob","on":true}"#)
        #expect(ann.take().isEmpty)
        #expect(cluster.redis.log(try #require(RoomName("dm:ann:bob"))).entries.isEmpty)

        ann.say(#"{"type":"unblock","id":"u","user":"bob"}"#)
        bob.say(direct(to: "ann"))
        #expect(ann.take().summary == ["ack u", "message hi"])
    }

    @Test func whomOneBlocksCanBeListed() throws {
        let ann = try connect("ann")
        ann.say(block("zoe"), block("bob"))
        _ = ann.take()
        ann.say(#"{"type":"blocked","id":"l"}"#)
        let list = try ann.takeOne()
        #expect(list.type == "blocked" && list.re == "l")
        #expect(list["users"]?.array == [.string("bob"), .string("zoe")])
    }

    @Test(arguments: [
        (#"{"type":"block","id":"1"}"#, "bad_frame"), (#"{"type":"block","id":"1","user":"ann"}"#, "bad_frame"),
        (#"{"type":"block","id":"1","user":"a b"}"#, "not_found"),
    ]) func onesOwnAndNoIdsAreRefused(frame: String, code: String) throws {
        let ann = try connect("ann")
        ann.say(frame)
        #expect(try ann.takeOne().code == code)
    }

    // MARK: Mentions

    @Test func whoIsMentionedIsTheServersWord() throws {
        let (ann, bob) = (try connect("ann", rooms: ["r"]), try connect("bob", on: other, rooms: ["r"]))
        ann.say(#"{"type":"send","id":"1","room":"r","text":"hi @Bob and @nobody","mentions":["carl"]}"#)
        let message = try #require(bob.take().first { $0.type == "message" })
        #expect(message["mentions"]?.array == [.string("bob")])
        #expect(ann.take().first { $0.type == "message" }?["mentions"]?.array == [.string("bob")])
    }

    @Test func everySessionOfWhoIsMentionedIsTold() throws {
        let ann = try connect("ann", rooms: ["r"])
        let elsewhere = [try connect("bob"), try connect("bob", loop: 1), try connect("bob", on: other, rooms: ["s"])]
        let carl = try connect("carl")
        ann.say(say("ping @bob"))
        for session in elsewhere {
            let told = try session.takeOne()
            #expect(told.type == "mention" && told.room == "r")
            #expect(told["entry"]?.text == "ping @bob" && told["entry"]?.offset == 1)
        }
        #expect(carl.take().isEmpty)
        // Whoever mentions oneself need not be told.
        ann.say(say("I, @ann"))
        #expect(!ann.take().contains { $0.type == "mention" })
    }

    /// Whom the text so far mentioned has been told; whoever comes in with an edit is told of that.
    @Test func whoIsMentionedByAnEditIsTold() throws {
        let ann = try connect("ann", rooms: ["r"])
        let (bob, carl) = (try connect("bob"), try connect("carl", on: other))
        ann.say(say("ping @bob"))
        _ = (ann.take(), bob.take())
        let edit = { (text: String) in #"{"type":"edit","id":"e","room":"r","offset":1,"text":"\#(text)"}"# }
        ann.say(edit("ping @bob, @carl and @ann"))
        #expect(bob.take().isEmpty)
        let told = try carl.takeOne()
        #expect(told.type == "mention" && told.room == "r" && told["entry"]?.type == "edited")
        #expect(told["entry"]?["target"]?.integer == 1 && told["entry"]?.offset == 2)
        let edited = try #require(ann.take().first { $0.type == "edited" })
        #expect(edited["mentions"]?.array == ["bob", "carl", "ann"].map { .string($0) })
        // An edit of the edit tells nobody again, and one of somebody else's message nobody at all.
        ann.say(edit("ping @carl, @bob"), edit("ping @carl"))
        let dan = try connect("dan", rooms: ["r"])
        dan.say(edit("ping @bob"))
        #expect(dan.take().last?.code == "forbidden")
        #expect(bob.take().isEmpty && carl.take().isEmpty)
    }

    @Test func editsStayInTheOrderSaid() throws {
        let (ann, bob) = (try connect("ann", rooms: ["r"]), try connect("bob"))
        ann.say(say("one"))
        let edit = { (text: String) in #"{"type":"edit","room":"r","offset":1,"text":"\#(text)"}"# }
        _ = ann.take()
        ann.say(edit("two @bob"), edit("three"), say("four"))
        let entries = ann.take().filter { ["edited", "message"].contains($0.type) }
        #expect(entries.map(\.text) == ["two @bob", "three", "four"])
        #expect(bob.take().map(\.type) == ["mention"])
    }

    @Test func whoBlocksIsNotToldOfMentions() throws {
        let (ann, bob) = (try connect("ann", rooms: ["r"]), try connect("bob", on: other))
        bob.say(block("ann"))
        _ = bob.take()
        ann.say(say("ping @bob"))
        #expect(bob.take().isEmpty)
    }

    @Test func aDirectRoomTellsNobodyElse() throws {
        let (ann, bob, carl) = (try connect("ann"), try connect("bob"), try connect("carl"))
        ann.say(#"{"type":"send","id":"1","to":"bob","text":"@bob, what do you think of @carl?"}"#)
        #expect(bob.take().first?["mentions"]?.array == [.string("bob")])
        #expect(carl.take().isEmpty)
        _ = ann
    }

    /// Looking somebody up takes a while; what is said next must not overtake.
    @Test func theOrderOfWhatIsSaidIsKept() throws {
        let ann = try connect("ann", rooms: ["r"])
        node.store.hold(.find)
        ann.say(say("1 @ann", id: "1"), say("2", id: "2"), say("3 @bob", id: "3"), say("4", id: "4"))
        #expect(ann.take().isEmpty)
        node.store.release(.find)
        let frames = ann.take()
        #expect(frames.filter { $0.type == "message" }.map(\.text) == ["1 @ann", "2", "3 @bob", "4"])
        #expect(frames.filter { $0.type == "ack" }.map(\.re) == ["1", "2", "3", "4"])
        // Nothing waits any more: what is said now is stored at once.
        ann.say(say("5"))
        #expect(ann.take().count { $0.type == "message" } == 1)
    }

    @Test func whoCannotBeLookedUpIsNotMentioned() throws {
        let ann = try connect("ann", rooms: ["r"])
        node.store.failing = [.find]
        ann.say(say("hi @ann"))
        let message = try #require(ann.take().first { $0.type == "message" })
        #expect(message["mentions"] == nil)
    }

    // MARK: Read markers

    @Test func readMarkersCanBeTurnedOff() throws {
        let (ann, bob) = (try connect("ann", on: other), try connect("bob"))
        let bobAgain = try connect("bob", loop: 1)
        bob.say(#"{"type":"settings","id":"1"}"#)
        #expect(try bob.takeOne()["showReading"]?.bool == true)
        bob.say(#"{"type":"settings","id":"2","showReading":false}"#)
        let answer = try bob.takeOne()
        #expect(answer.type == "settings" && answer.re == "2" && answer["showReading"]?.bool == false)
        ann.say(direct(to: "bob"))
        _ = (ann.take(), bobAgain.take())
        bob.say(#"{"type":"read","id":"3","room":"dm:ann:bob","offset":1}"#)
        #expect(ann.take().isEmpty)
        // One's own devices are told all the same.
        #expect(bobAgain.take().map(\.type) == ["read"])
    }
}
