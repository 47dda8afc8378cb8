import ChatProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import ChatCore

/// Deliveries to a room of many members wait a little for messages of the loop's own sessions that are on their way.
@Suite struct GatheringTests {
    private let cluster = TestCluster()
    private let node: TestNode
    private let ann: TestClient
    private let bob: TestClient

    init() throws {
        let settings = SessionLoop.Settings(limits: Limits(framesPerSecond: 0), gatherFrom: 2)
        node = try cluster.node(settings: settings)
        ann = node.connect()
        bob = node.connect()
        for (client, user) in [(ann, "ann"), (bob, "bob")] {
            try client.hello(user)
            client.say(#"{"type":"join","id":"j","room":"r"}"#)
        }
        for client in [ann, bob] { _ = client.take() }
        node.tick(after: .seconds(1))
        for client in [ann, bob] { _ = client.take() }
    }

    private func say(_ texts: String..., by client: TestClient) {
        for text in texts { client.say(#"{"type":"send","id":"s","room":"r","text":"\#(text)"}"#) }
    }

    private func texts(_ client: TestClient) -> [String] {
        client.take().compactMap { $0["text"]?.string }
    }

    @Test func messagesThatAreUnderWayTogetherAreDeliveredTogether() throws {
        node.store.hold(.append)
        say("one", by: ann)
        say("two", by: bob)
        #expect(bob.take().isEmpty && ann.take().isEmpty)
        var writes = 0
        bob.output.onWrite = { writes += 1 }
        node.store.release(.append)
        #expect(bob.take().summary == ["ack s", "message one", "message two"])
        #expect(ann.take().summary == ["ack s", "message one", "message two"])
        // The acknowledgement, and both messages in one.
        #expect(writes == 2)
        #expect(node.loops[0].gathered == nil)
    }

    @Test func aMessageOfOthersWaitsForNothing() throws {
        cluster.redis.say("hello", in: try #require(RoomName("r")))
        cluster.run()
        #expect(texts(bob) == ["hello"])
    }

    @Test func theWaitIsShort() throws {
        node.store.hold(.append)
        say("one", by: ann)
        cluster.eventLoop.advanceTime(by: .nanoseconds(1_999))
        #expect(texts(bob).isEmpty)
        cluster.eventLoop.advanceTime(by: .nanoseconds(1))
        #expect(texts(bob) == ["one"])
        node.store.releaseAll()
        #expect(texts(bob).isEmpty && ann.take().summary == ["message one", "ack s"])
    }

    @Test func aMessageThatIsRefusedIsNotWaitedFor() throws {
        node.store.hold(.append)
        say("one", by: ann)
        node.store.failing = [.append]
        say("two", by: ann)
        node.store.release(.append)
        #expect(texts(bob) == ["one"])
        node.store.failing = []
        say("three", by: ann)
        #expect(texts(bob) == ["three"])
    }

    @Test func aMessageThatIsNeverPublishedIsWaitedForOnceOnly() throws {
        let room = try #require(RoomName("r"))
        node.store.hold(.append)
        say("one", by: ann)
        // Its answer comes, but what the other one published is lost.
        cluster.redis.isMute = true
        say("two", by: ann)
        cluster.redis.isMute = false
        node.store.release(.append)
        #expect(texts(bob).isEmpty)
        cluster.eventLoop.advanceTime(by: .microseconds(2))
        #expect(texts(bob) == ["one"])
        cluster.redis.say("three", in: room)
        cluster.run()
        #expect(texts(bob) == ["two", "three"])
    }

    @Test func whatIsNoEntryEndsTheWait() throws {
        node.store.hold(.append)
        say("one", by: ann)
        #expect(texts(bob).isEmpty)
        let other = node.connect()
        try other.hello("carl")
        #expect(texts(bob) == ["one"])
        _ = ann.take()

        say("two", by: ann)
        #expect(texts(bob).isEmpty)
        ann.say(#"{"type":"typing","room":"r","on":true}"#)
        node.tick(after: .seconds(2))
        #expect(bob.take().summary == ["message two", "typing"])
    }

    @Test func messagesOfOtherRoomsDoNotWait() throws {
        let carl = node.connect()
        try carl.hello("carl")
        carl.say(#"{"type":"join","id":"j","room":"small"}"#)
        node.tick(after: .seconds(3))
        for client in [ann, bob, carl] { _ = client.take() }
        node.store.hold(.append)
        say("one", by: ann)
        cluster.redis.say("elsewhere", in: try #require(RoomName("small")))
        cluster.run()
        #expect(texts(carl) == ["elsewhere"])
        say("two", by: ann)
        #expect(bob.take().isEmpty)
        node.store.release(.append)
        #expect(texts(bob) == ["one", "two"] && texts(carl).isEmpty)
    }

    @Test func anotherRoomOfManyDoesNotWaitMeanwhile() throws {
        for client in [ann, bob] {
            client.say(#"{"type":"join","id":"j","room":"other"}"#)
        }
        node.tick(after: .seconds(3))
        for client in [ann, bob] { _ = client.take() }
        node.store.hold(.append)
        say("one", by: ann)
        bob.say(#"{"type":"send","id":"s","room":"other","text":"there"}"#)
        #expect(texts(ann) == ["there"] && texts(bob) == ["there"])
        node.store.release(.append)
        #expect(texts(ann) == ["one"] && texts(bob) == ["one"])
    }

    @Test func muchWaitsForNothing() throws {
        node.store.hold(.append)
        let long = String(repeating: "x", count: 4_000)
        for _ in 0..<15 { say(long, by: ann) }
        #expect(bob.take().isEmpty)
        for _ in 0..<2 { say(long, by: ann) }
        #expect(texts(bob).count >= 16)
    }

    @Test func whoJoinsMeanwhileHasItOnce() throws {
        let carl = node.connect()
        try carl.hello("carl")
        node.store.hold(.append)
        say("one", by: ann)
        #expect(texts(bob).isEmpty && node.loops[0].gathered != nil)
        carl.say(#"{"type":"join","id":"j","room":"r","history":5}"#)
        let joined = try carl.takeOne()
        #expect(joined.entryTexts == ["one"] && texts(bob) == ["one"])
        node.store.release(.append)
        #expect(texts(carl).isEmpty && texts(bob).isEmpty)
    }

    @Test func whoLeavesMeanwhileIsToldNothing() throws {
        node.store.hold(.append)
        say("one", by: ann)
        bob.session.end()
        node.store.release(.append)
        #expect(texts(bob).isEmpty && texts(ann) == ["one"])
    }

    @Test func aRoomThatIsGivenUpMeanwhileLeavesNothing() throws {
        node.store.hold(.append)
        say("one", by: ann)
        #expect(node.loops[0].gathered != nil)
        ann.session.end()
        bob.session.end()
        cluster.eventLoop.advanceTime(by: .microseconds(2))
        #expect(node.loops[0].rooms.isEmpty && node.loops[0].gathered == nil)
        node.store.releaseAll()
        let carl = node.connect()
        try carl.hello("carl")
        carl.say(#"{"type":"join","id":"j","room":"r","history":5}"#)
        #expect(try carl.takeOne().entryTexts == ["one"])
    }
}

@Suite struct MessagesUnderWayTests {
    private func position(_ offset: UInt64, epoch: String = "e") -> Position {
        Position(epoch: epoch, offset: offset, at: 1)
    }

    @Test func oneIsUnderWayUntilItsEntryHasCome() {
        var messages = MessagesUnderWay()
        #expect(!messages.remain(after: position(4)))
        messages.sent()
        #expect(messages.remain(after: position(5)))
        messages.answered(position(5))
        #expect(messages.remain(after: position(4)))
        #expect(!messages.remain(after: position(5)))
    }

    @Test func oneThatWasNotStoredIsNot() {
        var messages = MessagesUnderWay()
        messages.sent()
        messages.answered(nil)
        #expect(!messages.remain(after: position(0)))
    }

    @Test func theAnswerToARepeatForgetsNothing() {
        var messages = MessagesUnderWay()
        for _ in 0..<2 { messages.sent() }
        messages.answered(position(9))
        messages.answered(position(3))
        #expect(messages.remain(after: position(8)))
    }

    @Test func anotherLifeOfTheLogOwesNothing() {
        var messages = MessagesUnderWay()
        messages.sent()
        messages.answered(position(9))
        #expect(!messages.remain(after: position(1, epoch: "f")))
    }
}
