import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

@Suite struct SessionHelloTests {
    private let cluster = TestCluster()

    @Test func aGuestIsWelcomed() throws {
        let client = try cluster.node().connect()
        client.say(#"{"type":"hello","id":"1"}"#)
        let welcome = try client.takeOne()
        #expect(welcome.type == "welcome")
        #expect(welcome.re == "1")
        let user = try #require(welcome["user"])
        let id = try #require(user["id"]?.string)
        #expect(id.hasPrefix("g-") && id.utf8.count == 34)
        #expect(user["name"]?.string == "guest-\(id.suffix(6))")
        #expect(user["guest"]?.bool == true)
        #expect(welcome["session"]?.string == client.session.id)
        #expect(welcome["node"]?.string == "n1")
        #expect(welcome["pingInterval"]?.integer == 25_000)
        let token = try #require(welcome["token"]?.string)
        #expect(FakeIdentities().verify(token)?.user.string == id)
    }

    @Test func aTokenKeepsTheUserAndTheName() throws {
        let client = try cluster.node().connect()
        let welcome = try client.hello("ann")
        #expect(welcome["user"]?["id"]?.string == "ann")
        #expect(welcome["user"]?["name"]?.string == "ann")
        #expect(welcome["user"]?["guest"]?.bool == false)
    }

    @Test func aNameThatIsTakenVaries() throws {
        let node = try cluster.node()
        try node.connect().hello("ann")
        let client = node.connect()
        client.say(#"{"type":"hello","name":"ANN"}"#)
        #expect(try client.takeOne()["user"]?["name"]?.string == "ANN-2")
    }

    @Test func aBadTokenCloses() throws {
        let client = try cluster.node().connect()
        client.say(#"{"type":"hello","id":"1","token":"stolen"}"#)
        #expect(client.take().summary.first?.hasPrefix("error 1 unauthorized") == true)
        #expect(client.output.closes.map(\.code) == [.unauthorized])
        client.say(#"{"type":"hello","id":"2"}"#)
        #expect(client.take().isEmpty)
    }

    @Test(arguments: [
        #"{"type":"join","room":"lobby"}"#, #"{"type":"hello","name":":"}"#, #"{"type":"hello","resume":[]}"#,
        #"{"type":"hello","resume":{"lobby":7}}"#, "nonsense", "[]", #"{"type":"hello","id":""}"#,
    ])
    func anythingButAGoodHelloCloses(_ frame: String) throws {
        let client = try cluster.node().connect()
        client.say(frame)
        #expect(try client.takeOne().type == "error")
        #expect(client.output.closes.map(\.code) == [.badFrames])
        #expect(try cluster.node("n2").loops[0].sessions.isEmpty)
    }

    @Test func aSecondHelloIsABadFrame() throws {
        let node = try cluster.node()
        let client = node.connect()
        client.say(#"{"type":"hello","id":"1"}"#, #"{"type":"hello","id":"2"}"#)
        #expect(client.take().map(\.re) == ["2", "1"])
        client.say(#"{"type":"hello","id":"3"}"#)
        #expect(try client.takeOne().code == "bad_frame")
        #expect(!client.isClosed)
    }

    @Test func framesWaitForWelcome() throws {
        let node = try cluster.node()
        node.store.hold(.arrive)
        let client = node.connect()
        let frames = (0..<40).map { #"{"type":"ping","id":"\#($0)"}"# }
        client.say(#"{"type":"hello","id":"h"}"#)
        // Slower than the rate limit's burst allows at once, so the limiter is not what is tested here.
        for frame in frames.prefix(19) { client.say(frame) }
        #expect(client.take().isEmpty)
        node.store.release(.arrive)
        let answers = client.take()
        #expect(answers.first?.type == "welcome")
        #expect(answers.dropFirst().map(\.re) == (0..<19).map { "\($0)" })
    }

    @Test func onlySoManyFramesWait() throws {
        let settings = SessionLoop.Settings(limits: Limits(framesPerSecond: 0))
        let node = try cluster.node(settings: settings)
        node.store.hold(.arrive)
        let client = node.connect()
        client.say(#"{"type":"hello","id":"h"}"#)
        for number in 0..<34 { client.say(#"{"type":"ping","id":"\#(number)"}"#) }
        #expect(client.take().summary.map { $0.prefix(17) } == ["error 32 too_many", "error 33 too_many"])
        node.store.release(.arrive)
        #expect(client.take().map(\.re) == ["h"] + (0..<32).map { "\($0)" })
        #expect(!client.isClosed)
    }

    @Test func theStoreBeingAwayCloses() throws {
        let node = try cluster.node()
        node.store.failing = [.arrive]
        let client = node.connect()
        client.say(#"{"type":"hello","id":"h"}"#)
        #expect(client.take().map(\.code) == ["unavailable"])
        #expect(client.output.closes.map(\.code) == [.internalError])
    }

    @Test func theUsersChannelBeingAwayClosesAndLeavesNobody() throws {
        let node = try cluster.node()
        node.store.failing = [.subscribe]
        let client = node.connect()
        client.say(#"{"type":"hello","id":"h"}"#)
        #expect(client.take().map(\.code) == ["unavailable"])
        #expect(client.output.closes.map(\.code) == [.internalError])
        node.tick(after: .seconds(10))
        #expect(node.hub.users.isEmpty)
    }

    // MARK: Ending before welcome

    @Test func endingBeforeTheNameIsReservedLeavesNobody() throws {
        let node = try cluster.node()
        node.store.hold(.arrive)
        let client = node.connect()
        client.say(#"{"type":"hello","token":"token/ann/ann"}"#)
        client.session.end()
        node.store.release(.arrive)
        node.tick(after: .seconds(10))
        #expect(node.hub.users.isEmpty)
        #expect(cluster.redis.names.isEmpty)
        #expect(node.store.shown.isEmpty)
    }

    /// The user has another session here, which keeps the name.
    @Test func endingBeforeTheNameIsReservedKeepsTheOtherSessionsName() throws {
        let node = try cluster.node()
        try node.connect().hello("ann")
        node.store.hold(.arrive)
        let second = node.connect()
        second.say(#"{"type":"hello","token":"token/ann/ann"}"#)
        second.session.end()
        node.store.release(.arrive)
        node.tick(after: .seconds(10))
        #expect(node.hub.users.count == 1)
        #expect(cluster.redis.names["ann"]?.string == "ann")
        #expect(node.store.departed.isEmpty)
    }

    @Test func endingBeforeTheChannelIsSubscribedLeavesNobody() throws {
        let node = try cluster.node()
        node.store.hold(.subscribe)
        let client = node.connect()
        client.say(#"{"type":"hello","token":"token/ann/ann"}"#)
        client.session.end()
        node.store.release(.subscribe)
        node.tick(after: .seconds(10))
        #expect(node.hub.users.isEmpty)
        #expect(node.loops[0].users.isEmpty)
        #expect(node.store.topics.isEmpty)
    }

    // MARK: Resume

    @Test func resumedRoomsAreAnsweredBeforeWhatWaits() throws {
        let node = try cluster.node()
        let lobby = try #require(RoomName("lobby"))
        for number in 1...3 { cluster.redis.say("\(number)", in: lobby) }
        let position = try #require(cluster.redis.log(lobby).entries.first.flatMap { EntryHeader($0.json)?.position })
        let client = node.connect()
        client.say(
            #"{"type":"hello","id":"h","resume":{"lobby":\#(position.json),"other":\#(position.json),"No":\#(position.json)}}"#,
            #"{"type":"ping","id":"p"}"#
        )
        let frames = client.take()
        #expect(frames.map(\.type) == ["welcome", "error", "joined", "joined", "pong"])
        #expect(frames[1].room == "No" && frames[1].code == "bad_room")
        #expect(Set(frames[2...3].map(\.room)) == ["lobby", "other"])
        let joined = try #require(frames.first { $0.room == "lobby" })
        #expect(joined["recovered"]?.bool == true)
        #expect(joined.entryTexts == ["2", "3"])
        #expect(frames.first { $0.room == "other" }?["recovered"]?.bool == false)
    }

    @Test func liveEntriesFollowTheAnswer() throws {
        let node = try cluster.node()
        let lobby = try #require(RoomName("lobby"))
        for number in 1...60 { cluster.redis.say("\(number)", in: lobby) }
        try node.connect().hello("bob", resume: #"{"lobby":\#(cluster.redis.log(lobby).head.json)}"#)
        let position = try #require(cluster.redis.log(lobby).entries.first.flatMap { EntryHeader($0.json)?.position })
        // Memory reaches back to 11 only: the store is asked, and answers slowly.
        node.store.hold(.entries)
        let client = node.connect()
        client.say(#"{"type":"hello","id":"h","resume":{"lobby":\#(position.json)}}"#, #"{"type":"ping","id":"p"}"#)
        cluster.redis.say("61", in: lobby)
        cluster.run()
        #expect(client.take().map(\.type) == ["welcome"])
        node.store.release(.entries)
        let frames = client.take()
        #expect(frames.map(\.type) == ["joined", "message", "pong"])
        #expect(frames[0].entryTexts == (2...60).map { "\($0)" })
        #expect(frames[0]["recovered"]?.bool == true)
        #expect(frames[1].text == "61")
    }
}
