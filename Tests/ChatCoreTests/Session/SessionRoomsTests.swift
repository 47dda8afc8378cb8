import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

@Suite struct SessionRoomsTests {
    private let cluster = TestCluster()
    private let node: TestNode
    private let lobby: RoomName

    init() throws {
        node = try cluster.node(settings: .init(limits: Limits(rooms: 3, framesPerSecond: 0)))
        lobby = try #require(RoomName("lobby"))
    }

    private func connect(_ user: String) throws -> TestClient {
        let client = node.connect()
        try client.hello(user)
        return client
    }

    private func join(_ id: String, _ room: String = "lobby", _ more: String = "") -> String {
        #"{"type":"join","id":"\#(id)","room":"\#(room)"\#(more)}"#
    }

    private func leave(_ id: String, _ room: String = "lobby") -> String {
        #"{"type":"leave","id":"\#(id)","room":"\#(room)"}"#
    }

    private func send(_ id: String, _ text: String, _ more: String = "") -> String {
        #"{"type":"send","id":"\#(id)","room":"lobby","text":"\#(text)"\#(more)}"#
    }

    private var members: Int { node.hub.rooms[lobby]?.presence.count ?? 0 }

    // MARK: Joining

    @Test func aNewRoomIsEmpty() throws {
        let client = try connect("ann")
        client.say(join("1"))
        let joined = try client.takeOne()
        #expect(joined.type == "joined" && joined.re == "1" && joined.room == "lobby")
        #expect(joined["offset"]?.integer == 0 && joined["at"]?.integer == 0)
        #expect(joined["epoch"]?.string == cluster.redis.log(lobby).epoch)
        #expect(joined["entries"]?.array == [] && joined["changes"]?.array == [])
        #expect(joined["recovered"]?.bool == false)
        #expect(joined["memberCount"]?.integer == 1)
        #expect(joined["members"]?.array?.compactMap { $0["id"]?.string } == ["ann"])
    }

    @Test func latestEntriesComeWithTheAnswer() throws {
        for number in 1...70 { cluster.redis.say("\(number)", in: lobby) }
        let client = try connect("ann")
        client.say(join("1"))
        #expect(try client.takeOne().entryTexts == (21...70).map { "\($0)" })
        client.say(join("2", "lobby", #","history":3"#))
        #expect(try client.takeOne().entryTexts == ["68", "69", "70"])
        client.say(join("3", "lobby", #","history":0"#))
        #expect(try client.takeOne().entryTexts == [])
        client.say(join("4", "lobby", #","history":60"#))
        #expect(try client.takeOne().entryTexts == (11...70).map { "\($0)" })
    }

    @Test func whatIsSaidReachesAllMembersOnce() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob"))
        ann.say(join("1"))
        bob.say(join("1"))
        _ = (ann.take(), bob.take())
        ann.say(send("2", "hi", #","key":"k1""#))
        #expect(Set(ann.take().summary) == ["ack 2", "message hi"])
        #expect(bob.take().summary == ["message hi"])
        ann.say(send("3", "hi", #","key":"k1""#))
        let ack = try ann.takeOne()
        #expect(ack.type == "ack" && ack.offset == 1)
        #expect(bob.take().isEmpty)
    }

    @Test func onlyMembersMaySpeakAndRead() throws {
        let client = try connect("ann")
        client.say(send("1", "hi"), #"{"type":"history","id":"2","room":"lobby"}"#, leave("3"))
        #expect(client.take().map(\.code) == ["not_member", "not_member", "not_member"])
    }

    @Test func anExplicitLeaveShowsAtOnce() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob"))
        ann.say(join("1"))
        bob.say(join("1"))
        node.tick(after: .seconds(1))
        _ = (ann.take(), bob.take())
        ann.say(leave("2"))
        #expect(ann.take().summary == ["ack 2"])
        node.tick(after: .seconds(2))
        let presence = try bob.takeOne()
        #expect(presence.type == "presence" && presence["count"]?.integer == 1)
        #expect(presence["left"]?.array?.compactMap { $0["id"]?.string } == ["ann"])
        cluster.redis.say("x", in: lobby)
        cluster.run()
        #expect(ann.take().isEmpty)
    }

    @Test func aLostConnectionShowsAfterTheGrace() throws {
        let ann = try connect("ann")
        ann.say(join("1"))
        ann.session.end()
        node.tick(after: .seconds(4))
        #expect(members == 1)
        node.tick(after: .seconds(6))
        #expect(members == 0)
        #expect(cluster.redis.shares[lobby]?[node.store.node] == nil)
    }

    @Test func thereIsALimitOfRooms() throws {
        let client = try connect("ann")
        client.say(join("1", "a"), join("2", "b"), join("3", "c"), join("4", "d"))
        let frames = client.take()
        #expect(frames.filter { $0.type == "joined" }.map(\.re) == ["1", "2", "3"])
        #expect(frames.first { $0.type == "error" }?.code == "too_many")
        client.say(join("5", "a"), leave("6", "a"))
        client.say(join("7", "d"))
        #expect(client.take().map(\.type) == ["joined", "ack", "joined"])
    }

    // MARK: In one breath

    @Test func joinLeaveJoinInOneBreath() throws {
        let client = try connect("ann")
        client.say(join("1"), leave("2"), join("3"))
        #expect(client.take().summary == ["joined 1", "ack 2", "joined 3"])
        #expect(members == 1)
        client.session.end()
        node.tick(after: .seconds(20))
        #expect(members == 0)
    }

    @Test func joinLeaveJoinLeaveInOneBreath() throws {
        let client = try connect("ann")
        client.say(join("1"), leave("2"), join("3"), leave("4"), send("5", "x"))
        #expect(client.take().map(\.re) == ["1", "2", "3", "4", "5"])
        node.tick()
        #expect(members == 0)
        #expect(node.loops[0].rooms.isEmpty)
    }

    @Test func joiningAgainAndLeavingInOneBreath() throws {
        let client = try connect("ann")
        client.say(join("1"))
        _ = client.take()
        client.say(join("2"), leave("3"))
        #expect(client.take().summary == ["joined 2", "ack 3"])
        client.say(join("4"), join("5"), send("6", "x"))
        #expect(client.take().filter { $0.re != nil }.map(\.re) == ["4", "5", "6"])
        #expect(members == 1)
    }

    @Test func whatIsSaidAfterAJoinInOneBreathIsSaid() throws {
        let client = try connect("ann")
        client.say(join("1"), send("2", "a"), send("3", "b"))
        let frames = client.take()
        #expect(frames.first?.re == "1")
        #expect(frames.compactMap(\.text) == ["a", "b"])
        #expect(Set(frames.compactMap(\.re)) == ["1", "2", "3"])
    }

    @Test func endingWhileEnteringLeavesNoGhost() throws {
        node.store.hold(.open)
        let client = try connect("ann")
        client.say(join("1"), join("2"))
        client.session.end()
        node.store.release(.open)
        node.tick(after: .seconds(6))
        node.tick(after: .seconds(7))
        #expect(members == 0)
        #expect(node.loops[0].rooms.isEmpty)
        #expect(cluster.redis.shares[lobby]?[node.store.node] == nil)
        node.tick(after: .seconds(30))
        #expect(node.hub.rooms.isEmpty)
        #expect(node.store.topics.isEmpty)
    }

    @Test func aRoomThatCannotBeOpenedIsRefused() throws {
        node.store.failing = [.open]
        let client = try connect("ann")
        client.say(join("1"), send("2", "x"))
        #expect(client.take().map(\.code) == ["unavailable", "not_member"])
        #expect(node.loops[0].rooms.isEmpty)
        node.store.failing = []
        client.say(join("3"))
        #expect(try client.takeOne().type == "joined")
        #expect(members == 1)
    }

    // MARK: Older entries than memory has

    @Test func nothingIsLostOrDoubledWhileHistoryIsRead() throws {
        for number in 1...60 { cluster.redis.say("\(number)", in: lobby) }
        let client = try connect("ann")
        node.store.hold(.page)
        client.say(join("1", "lobby", #","history":60"#), send("2", "mine"))
        for number in 61...63 { cluster.redis.say("\(number)", in: lobby) }
        cluster.run()
        #expect(client.take().isEmpty)
        node.store.release(.page)
        let frames = client.take()
        #expect(frames[0].type == "joined" && frames[0].offset == 60)
        #expect(frames[0].entryTexts == (1...60).map { "\($0)" })
        #expect(frames.dropFirst().filter { $0.type == "message" }.map(\.text) == ["61", "62", "63", "mine"])
    }

    /// The session was in the room and stays in it.
    @Test func aFailedSecondJoinChangesNothing() throws {
        for number in 1...60 { cluster.redis.say("\(number)", in: lobby) }
        let client = try connect("ann")
        client.say(join("1"))
        _ = client.take()
        node.store.hold(.page)
        node.store.failing = [.page]
        client.say(join("2", "lobby", #","history":60"#))
        cluster.redis.say("61", in: lobby)
        cluster.run()
        node.store.release(.page)
        #expect(client.take().summary.sorted().map { $0.prefix(19) } == ["error 2 unavailable", "message 61"])
        #expect(members == 1)
        cluster.redis.say("62", in: lobby)
        cluster.run()
        #expect(client.take().summary == ["message 62"])
    }

    @Test func aFailedFirstJoinLeavesNobody() throws {
        for number in 1...60 { cluster.redis.say("\(number)", in: lobby) }
        let client = try connect("ann")
        node.store.failing = [.page]
        client.say(join("1", "lobby", #","history":60"#), leave("2"))
        #expect(client.take().map(\.code) == ["unavailable", "not_member"])
        node.tick()
        #expect(members == 0)
    }

    @Test func endingWhileHistoryIsReadLeavesNobody() throws {
        for number in 1...60 { cluster.redis.say("\(number)", in: lobby) }
        let client = try connect("ann")
        node.store.hold(.page)
        client.say(join("1", "lobby", #","history":60"#))
        client.session.end()
        node.store.release(.page)
        node.tick(after: .seconds(6))
        #expect(members == 0)
        #expect(node.loops[0].rooms.isEmpty)
    }

    @Test func aResetWhileHistoryIsReadFollowsTheAnswer() throws {
        for number in 1...60 { cluster.redis.say("\(number)", in: lobby) }
        let client = try connect("ann")
        node.store.hold(.page)
        client.say(join("1", "lobby", #","history":60"#))
        _ = cluster.redis.renewEpoch(of: lobby, lost: cluster.redis.log(lobby).epoch)
        cluster.redis.say("61", in: lobby)
        cluster.run()
        node.store.release(.page)
        cluster.redis.say("62", in: lobby)
        cluster.run()
        let frames = client.take()
        #expect(frames.map(\.type) == ["joined", "reset", "message"])
        #expect(frames[0].offset == 60 && frames[1].offset == 61 && frames[2].offset == 62)
        #expect(frames[1]["epoch"]?.string == cluster.redis.log(lobby).epoch)
    }

    @Test func tooMuchWhileHistoryIsReadCloses() throws {
        for number in 1...60 { cluster.redis.say("\(number)", in: lobby) }
        let client = try connect("ann")
        node.store.hold(.page)
        client.say(join("1", "lobby", #","history":60"#))
        let text = String(repeating: "x", count: 4_000)
        for _ in 0..<300 {
            cluster.redis.say(text, in: lobby)
            cluster.run()
        }
        #expect(client.output.closes.map(\.code) == [.slowConsumer])
        node.store.release(.page)
        #expect(node.loops[0].rooms.isEmpty)
    }

    // MARK: Recovery

    @Test func recoveryIsWholeOrNotAtAll() throws {
        for number in 1...600 { cluster.redis.say("\(number)", in: lobby) }
        let client = try connect("ann")
        let entries = cluster.redis.log(lobby).entries
        for (offset, recovered) in [(99, false), (100, true), (599, true), (600, true)] {
            let since = try #require(EntryHeader(entries[offset - 1].json)).position
            client.say(join("1", "lobby", #","since":\#(since.json)"#))
            let joined = try client.takeOne()
            #expect(joined["recovered"]?.bool == recovered)
            let expected = recovered ? offset + 1 : 551
            #expect(joined.entryTexts == (expected..<601).map { "\($0)" })
        }
    }

    @Test(arguments: [#"{"epoch":"other","offset":3,"at":1}"#, #"{"epoch":"e1","offset":9,"at":1}"#])
    func aPositionThatIsNoneOfOursIsNotRecovered(_ since: String) throws {
        for number in 1...5 { cluster.redis.say("\(number)", in: lobby) }
        let client = try connect("ann")
        client.say(join("1", "lobby", #","since":\#(since)"#))
        let joined = try client.takeOne()
        #expect(joined["recovered"]?.bool == false)
        #expect(joined.entryTexts == ["1", "2", "3", "4", "5"])
    }

    @Test func anotherEntryAtThePositionIsNotRecovered() throws {
        for number in 1...5 { cluster.redis.say("\(number)", in: lobby) }
        let client = try connect("ann")
        let head = cluster.redis.log(lobby).head
        for offset in [0, 2, 5] as [UInt64] {
            let since = Position(epoch: head.epoch, offset: offset, at: head.at + 1)
            client.say(join("1", "lobby", #","since":\#(since.json)"#))
            #expect(try client.takeOne()["recovered"]?.bool == false)
        }
    }

    @Test func historyIsReadPageByPage() throws {
        for number in 1...10 { cluster.redis.say("\(number)", in: lobby) }
        let client = try connect("ann")
        client.say(join("1"))
        _ = client.take()
        client.say(#"{"type":"history","id":"2","room":"lobby","before":4,"limit":2}"#)
        let older = try client.takeOne()
        #expect(older.entryTexts == ["2", "3"] && older["more"]?.bool == true)
        client.say(#"{"type":"history","id":"3","room":"lobby","after":8}"#)
        let newer = try client.takeOne()
        #expect(newer.entryTexts == ["9", "10"] && newer["more"]?.bool == false)
        client.say(#"{"type":"history","id":"4","room":"lobby","limit":1}"#)
        #expect(try client.takeOne().entryTexts == ["10"])
    }
}
