import ChatProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import ChatCore

@Suite struct DirectRoomTests {
    private let cluster = TestCluster()
    private let node: TestNode

    init() throws {
        node = try cluster.node(loops: 2, settings: .init(limits: Limits(framesPerSecond: 0)))
    }

    private func connect(_ user: String, loop: Int = 0, on node: TestNode? = nil) throws -> TestClient {
        let client = (node ?? self.node).connect(loop: loop)
        try client.hello(user)
        return client
    }

    private func send(_ id: String, to user: String, _ text: String) -> String {
        #"{"type":"send","id":"\#(id)","to":"\#(user)","text":"\#(text)"}"#
    }

    @Test func allSessionsOfBothReceiveWithoutJoining() throws {
        let other = try cluster.node("n2")
        let clients = [
            try connect("ann"), try connect("ann", loop: 1), try connect("bob"), try connect("bob", loop: 1),
            try connect("bob", on: other),
        ]
        let carl = try connect("carl")
        clients[0].say(send("1", to: "bob", "one"), send("2", to: "bob", "two"))
        clients[4].say(send("1", to: "ann", "three"))
        for client in clients {
            let messages = client.take().filter { $0.type == "message" }
            #expect(messages.map(\.text) == ["one", "two", "three"])
            #expect(Set(messages.map(\.room)) == ["dm:ann:bob"])
        }
        #expect(carl.take().isEmpty)
    }

    @Test func aSecondMessageWhileTheRoomOpensIsNotLost() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob"))
        node.store.hold(.open)
        ann.say(send("1", to: "bob", "one"))
        ann.say(send("2", to: "bob", "two"))
        node.store.release(.open)
        ann.say(send("3", to: "bob", "three"))
        #expect(bob.take().map(\.text) == ["one", "two", "three"])
    }

    @Test func aSessionThatEndsWhileItIsWelcomedReceivesNothing() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob"))
        ann.say(send("1", to: "bob", "one"))
        let slow = node.connect(loop: 0)
        slow.output.onWrite = { [unowned slow] in slow.session.end() }
        slow.say(#"{"type":"hello","id":"h","token":"token/bob/bob"}"#)
        #expect(slow.session.isEnded)
        _ = slow.take()
        ann.say(send("2", to: "bob", "two"))
        #expect(bob.take().map(\.text) == ["one", "two"])
        #expect(slow.take().isEmpty)
    }

    @Test func aSessionThatComesLaterReceivesWhatFollows() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob"))
        ann.say(send("1", to: "bob", "one"))
        let later = try connect("bob", loop: 1)
        let same = try connect("bob", loop: 0)
        ann.say(send("2", to: "bob", "two"))
        #expect(bob.take().map(\.text) == ["one", "two"])
        #expect(later.take().map(\.text) == ["two"])
        #expect(same.take().map(\.text) == ["two"])
    }

    @Test func aUserWhoComesLaterReceivesWhatFollows() throws {
        let ann = try connect("ann")
        try connect("bob").session.end()
        ann.say(send("1", to: "bob", "one"))
        node.tick(after: .seconds(10))
        let bob = try connect("bob", loop: 1)
        ann.say(send("2", to: "bob", "two"))
        #expect(bob.take().map(\.text) == ["two"])
    }

    @Test func aReconnectWithinTheGraceReceivesWhatFollows() throws {
        let (ann, bob) = (try connect("ann", loop: 1), try connect("bob"))
        ann.say(send("1", to: "bob", "one"))
        bob.session.end()
        cluster.run()
        let again = try connect("bob")
        ann.say(send("2", to: "bob", "two"))
        #expect(again.take().map(\.text) == ["two"])
    }

    /// The new session's arrival and the old one's end cross on the way to the hub.
    @Test func aReconnectThatCrossesTheEndReceivesWhatFollows() throws {
        let (ann, bob) = (try connect("ann", loop: 1), try connect("bob"))
        ann.say(send("1", to: "bob", "one"))
        node.store.hold(.arrive)
        let again = node.connect()
        again.say(#"{"type":"hello","token":"token/bob/bob"}"#)
        node.store.release(.arrive, thenRun: false)
        bob.session.end()
        cluster.run()
        ann.say(send("2", to: "bob", "two"))
        #expect(again.take().compactMap(\.text) == ["two"])
    }

    @Test func joiningADirectRoomOpensItForAllSessions() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob", loop: 1))
        let annAgain = try connect("ann", loop: 1)
        ann.say(#"{"type":"join","id":"1","room":"dm:ann:bob"}"#)
        let joined = try ann.takeOne()
        #expect(joined.type == "joined" && joined["memberCount"]?.integer == 0)
        ann.say(send("2", to: "bob", "hi"))
        #expect(bob.take().map(\.text) == ["hi"])
        #expect(annAgain.take().map(\.text) == ["hi"])
        #expect(ann.take().compactMap(\.text) == ["hi"])
    }

    @Test func leavingADirectRoomDoesNotEndIt() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob"))
        ann.say(#"{"type":"join","id":"1","room":"dm:ann:bob"}"#, #"{"type":"leave","id":"2","room":"dm:ann:bob"}"#)
        #expect(ann.take().summary == ["joined 1", "ack 2"])
        bob.say(send("3", to: "ann", "hi"))
        #expect(ann.take().map(\.text) == ["hi"])
    }

    @Test func nobodyElseLearnsOfIt() throws {
        let ann = try connect("ann")
        try connect("bob").say(send("1", to: "ann", "hi"))
        let carl = try connect("carl")
        for room in ["dm:ann:bob", "dm:ann:zoe"] {
            carl.say(
                #"{"type":"join","id":"1","room":"\#(room)"}"#, #"{"type":"history","id":"2","room":"\#(room)"}"#,
                #"{"type":"send","id":"3","room":"\#(room)","text":"x"}"#, #"{"type":"who","id":"4","room":"\#(room)"}"#
            )
            #expect(carl.take().map(\.code) == ["forbidden", "forbidden", "forbidden", "forbidden"])
        }
        #expect(ann.take().map(\.text) == ["hi"])
        let resumed = node.connect()
        resumed.say(
            #"{"type":"hello","token":"token/eve/eve","resume":{"dm:ann:bob":{"epoch":"e1","offset":0,"at":0}}}"#)
        #expect(resumed.take().map(\.code) == [nil, "forbidden"])
    }

    @Test func oneselfAndNobodyAreNoDestinations() throws {
        let ann = try connect("ann")
        ann.say(send("1", to: "ann", "hi"), send("2", to: "nobody", "hi"), send("3", to: "no such id", "hi"))
        #expect(ann.take().map { $0.re }.sorted { $0 ?? "" < $1 ?? "" } == ["1", "2", "3"])
        ann.say(send("1", to: "ann", "hi"))
        #expect(try ann.takeOne().code == "bad_room")
        ann.say(send("2", to: "nobody", "hi"))
        #expect(try ann.takeOne().code == "not_found")
    }

    @Test func aFirstMessageWhileTheLinkWasDownIsFound() throws {
        let other = try cluster.node("n2")
        let (ann, bob) = (try connect("ann", on: other), try connect("bob"))
        node.store.cutLink()
        ann.say(send("1", to: "bob", "one"), send("2", to: "bob", "two"))
        #expect(bob.take().isEmpty)
        node.store.restoreLink()
        #expect(bob.take().map(\.text) == ["one", "two"])
        ann.say(send("3", to: "bob", "three"))
        #expect(bob.take().map(\.text) == ["three"])
    }

    /// The link looked healthy all the while.
    @Test func aFirstMessageThatNobodyHeardIsFound() throws {
        let other = try cluster.node("n2")
        let (ann, bob) = (try connect("ann", on: other), try connect("bob"))
        let topics = node.store.topics
        node.store.topics = []
        ann.say(send("1", to: "bob", "one"))
        node.store.topics = topics
        #expect(bob.take().isEmpty)
        node.hub.compareInboxes(now: .now() + .seconds(10))
        cluster.run()
        #expect(bob.take().map(\.text) == ["one"])
        node.store.topics = []
        ann.say(send("2", to: "bob", "two"))
        node.store.topics = topics
        node.hub.compareInboxes(now: .now() + .seconds(20))
        cluster.run()
        #expect(bob.take().map(\.text) == ["two"])
    }

    @Test func aDirectRoomThatCannotBeReadIsReadLater() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob"))
        node.store.failing = [.open]
        ann.say(send("1", to: "bob", "one"))
        ann.say(send("2", to: "bob", "two"))
        #expect(bob.take().isEmpty)
        node.store.failing = []
        cluster.eventLoop.advanceTime(by: .seconds(2))
        #expect(bob.take().map(\.text) == ["one", "two"])
    }

    @Test func moreThanCanBeCaughtUpWithIsToldAsAReset() throws {
        let other = try cluster.node("n2", settings: .init(limits: Limits(framesPerSecond: 0)))
        let (ann, bob) = (try connect("ann", on: other), try connect("bob"))
        node.store.cutLink()
        for number in 1...(Limits.recoveryEntries + 1) { ann.say(send("1", to: "bob", "\(number)")) }
        node.store.restoreLink()
        let reset = try bob.takeOne()
        #expect(reset.type == "reset" && reset.offset == Int64(Limits.recoveryEntries + 1))
        #expect(reset.entryTexts?.count == Limits.defaultHistory)
        ann.say(send("1", to: "bob", "news"))
        #expect(bob.take().map(\.text) == ["news"])
    }

    @Test func aJoinIsAnsweredEvenIfTheRoomCannotBeOpened() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob"))
        node.store.hold(.open)
        node.store.failing = [.open]
        ann.say(send("1", to: "bob", "hi"))
        bob.say(#"{"type":"join","id":"1","room":"dm:ann:bob"}"#)
        node.store.release(.open)
        #expect(bob.take().map(\.code) == ["unavailable"])
        #expect(node.loops[0].rooms.isEmpty)
    }

    @Test func endingWhileADirectRoomOpensLeavesNothingBehind() throws {
        let ann = try connect("ann")
        node.store.hold(.open)
        ann.say(#"{"type":"join","id":"1","room":"dm:ann:bob"}"#)
        ann.session.end()
        node.tick(after: .seconds(10))
        node.store.release(.open)
        node.tick(after: .seconds(20))
        #expect(node.hub.rooms.isEmpty)
        #expect(node.loops[0].rooms.isEmpty)
    }
}
