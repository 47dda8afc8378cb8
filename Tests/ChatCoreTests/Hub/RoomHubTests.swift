import ChatProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import ChatCore

@Suite struct RoomHubTests {
    private let cluster = TestCluster()
    private let node: TestNode
    private let lobby: RoomName

    init() throws {
        node = try cluster.node(loops: 2, settings: .init(limits: Limits(framesPerSecond: 0)))
        lobby = try #require(RoomName("lobby"))
    }

    private func member(_ user: String, loop: Int = 0, on node: TestNode? = nil) throws -> TestClient {
        let client = (node ?? self.node).connect(loop: loop)
        try client.hello(user)
        client.say(#"{"type":"join","id":"j","room":"lobby"}"#)
        return client
    }

    // MARK: Lists

    /// A list that was given is added to, or made anew where something else has changed: it says the same.
    @Test func everyListHasAllWhoAreHere() throws {
        var here: [String: TestClient] = [:]
        for number in 0..<120 {
            let client = try member("u\(number)", loop: number % 2)
            here["u\(number)"] = client
            let joined = try #require(client.take().last { $0.type == "joined" })
            let names = try #require(joined["members"]?.array).compactMap { $0["name"]?.string }
            #expect(joined["memberCount"]?.integer == Int64(here.count))
            #expect(names.count == min(here.count, Limits.joinedMembers) && Set(names).count == names.count)
            #expect(here.count > Limits.joinedMembers || Set(names) == Set(here.keys))
            // Another session of somebody who is here; somebody who leaves, and is listed until that is told.
            if number % 7 == 3 {
                _ = try member("u\(number)")
            } else if number % 11 == 5 {
                client.say(#"{"type":"leave","room":"lobby"}"#)
                node.tick(after: .seconds(2 * Int64(number)))
                here["u\(number)"] = nil
            }
        }
    }

    /// Who comes on another node is counted at once and told of later; meanwhile somebody who is listed comes once more.
    @Test func anotherSessionIsNoNewcomer() throws {
        let other = try cluster.node("n2", settings: .init(limits: Limits(framesPerSecond: 0)))
        let clients = [try member("ann"), try member("cid")]
        node.tick(after: .seconds(2))
        other.tick(after: .seconds(2))
        let list = { (client: TestClient) throws -> [String] in
            let joined = try #require(client.take().last { $0.type == "joined" })
            return try #require(joined["members"]?.array).compactMap { $0["name"]?.string }.sorted()
        }
        let bob = try member("bob")
        #expect(try list(bob) == ["ann", "bob", "cid"])
        let dan = try member("dan", on: other)
        other.tick(after: .seconds(4))
        cluster.run()
        let again = try list(try member("cid"))
        #expect(again == ["ann", "bob", "cid", "dan"])
        let last = try list(try member("eve"))
        #expect(last == ["ann", "bob", "cid", "dan", "eve"])
        #expect(!dan.isClosed && clients.allSatisfy { !$0.isClosed })
    }

    /// In milliseconds.
    @Test(arguments: [(0, 250), (25, 250), (50, 500), (100, 1_000), (10_000, 1_000)] as [(Int, Int64)])
    func presenceIsToldLessOftenInLargerRooms(members: Int, interval: Int64) {
        #expect(RoomHub.presenceInterval(members: members) == .milliseconds(interval))
    }

    // MARK: Links that go down

    @Test func whatTheLinkMissedIsReadWhenItIsBack() throws {
        let client = try member("ann")
        _ = client.take()
        node.store.cutLink()
        for number in 1...3 { cluster.redis.say("\(number)", in: lobby) }
        node.store.restoreLink()
        #expect(client.take().map(\.text) == ["1", "2", "3"])
    }

    @Test func aFailedReadingIsRepeated() throws {
        let client = try member("ann")
        _ = client.take()
        node.store.cutLink()
        cluster.redis.say("1", in: lobby)
        node.store.failing = [.entries]
        node.store.restoreLink()
        #expect(client.take().isEmpty)
        for _ in 0..<5 { cluster.eventLoop.advanceTime(by: .seconds(2)) }
        node.store.failing = []
        cluster.eventLoop.advanceTime(by: .seconds(2))
        #expect(client.take().map(\.text) == ["1"])
    }

    @Test func aLogThatLostEntriesGoesOnUnderAnotherEpoch() throws {
        let (ann, bob) = (try member("ann"), try member("bob", loop: 1))
        for number in 1...5 { cluster.redis.say("\(number)", in: lobby) }
        cluster.run()
        _ = (ann.take(), bob.take())
        node.store.cutLink()
        cluster.redis.rollBack(lobby, 2)
        node.store.restoreLink()
        for client in [ann, bob] {
            let reset = try client.takeOne()
            #expect(reset.type == "reset" && reset.offset == 3 && reset["epoch"]?.string == "e2")
            #expect(reset.entryTexts == ["1", "2", "3"])
        }
        cluster.redis.say("4b", in: lobby)
        cluster.run()
        #expect(try ann.takeOne()["epoch"]?.string == "e2")
    }

    @Test func aFlushResetsOnceAndSessionsStay() throws {
        let client = try member("ann")
        cluster.redis.say("1", in: lobby)
        cluster.run()
        _ = client.take()
        cluster.redis.flushAll()
        cluster.redis.say("2", in: lobby)
        cluster.redis.say("3", in: lobby)
        cluster.run()
        #expect(client.take().filter { $0.type == "reset" }.count == 1)
        client.say(#"{"type":"send","room":"lobby","text":"4"}"#)
        #expect(client.take().map(\.text) == ["4"])
    }

    @Test func whoJoinsWhileTheLogIsReadAnewIsAnswered() throws {
        let ann = try member("ann")
        node.store.hold(.open)
        cluster.redis.flushAll()
        cluster.redis.say("1", in: lobby)
        cluster.run()
        let bob = try member("bob", loop: 1)
        #expect(bob.take().isEmpty)
        node.store.release(.open)
        let joined = try bob.takeOne()
        #expect(joined.type == "joined" && joined.entryTexts == ["1"])
        cluster.redis.say("2", in: lobby)
        cluster.run()
        #expect(try bob.takeOne().text == "2")
        #expect(ann.take().filter { $0.type != "presence" }.map(\.type) == ["joined", "reset", "message"])
    }

    /// The epoch changes between the reading and its answer, while the first member waits.
    @Test func anEpochThatChangesWhileTheRoomOpensIsTold() throws {
        let client = node.connect()
        try client.hello("ann")
        cluster.redis.say("1", in: lobby)
        node.store.hold(.open)
        client.say(#"{"type":"join","id":"j","room":"lobby"}"#)
        _ = cluster.redis.renewEpoch(of: lobby, lost: "e1")
        cluster.redis.say("2", in: lobby)
        cluster.run()
        node.store.release(.open)
        let frames = client.take()
        #expect(frames.map(\.type) == ["joined", "reset"])
        #expect(frames[0]["epoch"]?.string == "e1" && frames[0].entryTexts == ["1"])
        #expect(frames[1]["epoch"]?.string == "e2" && frames[1].entryTexts == ["1", "2"])
    }

    /// The client was on a node that heard more than this one.
    @Test func aPositionAheadOfThisNodeIsComparedWithTheLog() throws {
        let ann = try member("ann")
        cluster.redis.say("1", in: lobby)
        cluster.run()
        _ = ann.take()
        let topics = node.store.topics
        node.store.topics = []
        for number in 2...4 { cluster.redis.say("\(number)", in: lobby) }
        cluster.run()
        node.store.topics = topics
        let since = cluster.redis.log(lobby).head
        let clients = (0..<20).map { _ in node.connect(loop: 1) }
        let before = node.store.calls[.entries] ?? 0
        node.store.hold(.entries)
        for (number, client) in clients.enumerated() {
            client.say(
                #"{"type":"hello","token":"token/u\#(number)/u\#(number)","resume":{"lobby":\#(since.json)}}"#)
        }
        node.store.release(.entries)
        for client in clients {
            let joined = try #require(client.take().last)
            #expect(joined.type == "joined" && joined["recovered"]?.bool == true)
            #expect(joined.entryTexts == [] && joined.offset == 4)
        }
        #expect((node.store.calls[.entries] ?? 0) - before <= 2)
        #expect(ann.take().compactMap(\.text) == ["2", "3", "4"])
        cluster.redis.say("5", in: lobby)
        cluster.run()
        #expect(try clients[7].takeOne().text == "5")
    }

    @Test func aPositionThatTheLogDoesNotHaveIsNotRecovered() throws {
        let ann = try member("ann")
        cluster.redis.say("1", in: lobby)
        cluster.run()
        var since = cluster.redis.log(lobby).head
        since.offset += 7
        let bob = node.connect()
        try bob.hello("bob")
        bob.say(#"{"type":"join","id":"j","room":"lobby","since":\#(since.json)}"#)
        let joined = try bob.takeOne()
        #expect(joined["recovered"]?.bool == false && joined.entryTexts == ["1"] && joined.offset == 1)
        #expect(ann.take().compactMap(\.text) == ["1"])
    }

    @Test func aPositionAheadIsRefusedWhileTheLogCannotBeRead() throws {
        _ = try member("ann")
        var since = cluster.redis.log(lobby).head
        since.offset += 7
        node.store.failing = [.entries]
        let bob = node.connect()
        try bob.hello("bob")
        bob.say(#"{"type":"join","id":"j","room":"lobby","since":\#(since.json)}"#)
        #expect(try bob.takeOne().code == "unavailable")
    }

    /// One loop's link for commands is away, the node's others are not.
    @Test func aLoopWithoutCommandsTellsItsSessions() throws {
        let (ann, bob) = (try member("ann"), try member("bob", loop: 1))
        _ = (ann.take(), bob.take())
        node.loops[1].commandsChanged(isUp: false)
        node.loops[1].tellHealth(now: .now() + .seconds(1))
        cluster.run()
        #expect(try bob.takeOne()["on"]?.bool == true)
        node.loops[1].commandsChanged(isUp: true)
        cluster.run()
        #expect(try bob.takeOne()["on"]?.bool == false)
        #expect(ann.take().isEmpty)
    }

    @Test func anOutageIsToldAndTakenBack() throws {
        let client = try member("ann")
        _ = client.take()
        node.hub.linkChanged(isUp: false)
        #expect(!node.hub.isReady)
        node.hub.tellHealth(now: .now())
        cluster.run()
        #expect(client.take().isEmpty, "a link that only blinks is not worth a word")
        node.hub.tellHealth(now: .now() + .seconds(1))
        cluster.run()
        #expect(try client.takeOne()["on"]?.bool == true)
        let late = node.connect()
        late.say(#"{"type":"hello","token":"token/bob/bob"}"#)
        #expect(late.take().map(\.type) == ["welcome", "degraded"])
        node.hub.linkChanged(isUp: true)
        node.hub.tellHealth(now: .now() + .seconds(2))
        cluster.run()
        #expect(try client.takeOne()["on"]?.bool == false)
        #expect(node.hub.isReady)
    }

    // MARK: Presence over nodes

    @Test func membersOfAllNodesAreSeenEverywhere() throws {
        let other = try cluster.node("n2")
        let (ann, bob) = (try member("ann"), try member("bob", on: other))
        for step in 1...3 {
            node.tick(after: .seconds(Int64(step)))
            other.tick(after: .seconds(Int64(step)))
        }
        #expect(ann.take().last { $0.type == "presence" }?["count"]?.integer == 2)
        let carl = try member("carl", loop: 1)
        #expect(try carl.takeOne()["memberCount"]?.integer == 3)
        _ = (ann.take(), bob.take())
        bob.say(#"{"type":"leave","room":"lobby"}"#)
        other.tick(after: .seconds(5))
        node.tick(after: .seconds(5))
        let presence = try #require(ann.take().last { $0.type == "presence" })
        #expect(presence["left"]?.array?.compactMap { $0["id"]?.string } == ["bob"])
        #expect(presence["count"]?.integer == 2)
    }

    /// What is read of another node's share may be older than what that node tells meanwhile.
    @Test func aNoticeIsNotUndoneByAnOlderReading() throws {
        let other = try cluster.node("n2")
        let bob = try member("bob", on: other)
        other.tick(after: .seconds(1))
        node.store.hold(.shares)
        let ann = node.connect()
        try ann.hello("ann")
        ann.say(#"{"type":"join","id":"j","room":"lobby"}"#)
        let carl = try member("carl", on: other)
        bob.say(#"{"type":"leave","room":"lobby"}"#)
        other.tick(after: .seconds(2))
        node.store.release(.shares)
        let members = { node.hub.rooms[lobby]?.presence.members(after: nil, limit: 9).map(\.id.string) }
        #expect(members() == ["ann", "carl"])
        // The same when the link was down.
        node.store.cutLink()
        node.store.hold(.shares)
        node.store.restoreLink()
        carl.say(#"{"type":"leave","room":"lobby"}"#)
        other.tick(after: .seconds(3))
        node.store.release(.shares)
        node.tick(after: .seconds(3))
        #expect(members() == ["ann"])
    }

    @Test func aShareThatCouldNotBeReadIsReadLater() throws {
        let other = try cluster.node("n2")
        _ = try member("ann")
        node.store.cutLink()
        _ = try member("bob", on: other)
        other.tick(after: .seconds(1))
        node.store.failing = [.shares, .share]
        node.store.restoreLink()
        _ = try member("carl", on: other)
        other.tick(after: .seconds(2))
        #expect(node.hub.rooms[lobby]?.presence.count == 2, "bob's coming was missed")
        node.store.failing = []
        for _ in 0..<4 { cluster.eventLoop.advanceTime(by: .seconds(1)) }
        #expect(node.hub.rooms[lobby]?.presence.count == 3)
    }

    @Test func aDeadNodesMembersGo() throws {
        let other = try cluster.node("n2")
        let ann = try member("ann")
        _ = try member("bob", on: other)
        other.tick(after: .seconds(1))
        node.tick(after: .seconds(1))
        other.store.isGone = true
        node.beat()
        node.beat()
        node.tick(after: .seconds(2))
        #expect(ann.take().last { $0.type == "presence" }?["count"]?.integer == 1)
    }

    /// All nodes find it dead in the moment in which it writes its shares under another id.
    @Test func aNodeThatTakesAnotherIdKeepsItsMembers() throws {
        let other = try cluster.node("n2")
        let ann = try member("ann")
        _ = try member("bob", on: other)
        other.tick(after: .seconds(1))
        node.tick(after: .seconds(1))
        _ = ann.take()
        let former = other.store.node
        other.store.nextNode = NodeID("n2b")
        other.store.leaseIsValid = false
        other.beat()
        node.store.dead = [former]
        node.beat()
        node.tick(after: .milliseconds(300))
        #expect(node.hub.rooms[lobby]?.presence.count == 2)
        other.tick(after: .seconds(2))
        node.tick(after: .seconds(3))
        #expect(node.hub.rooms[lobby]?.presence.otherNodes == [other.hub.node])
        #expect(ann.take().filter { $0.type == "presence" }.isEmpty, "nobody is shown as gone who is here")
    }

    /// Nobody else would ask for them again: it would take its link for deaf for good.
    @Test func aNodeThatGetsAnotherIDWhileItsLinkIsDownHearsItselfAgain() throws {
        let reborn = try #require(NodeID("n1b"))
        node.hub.start()
        defer { node.hub.stop() }
        cluster.run()
        node.store.cutLink()
        node.store.failing = [.subscribe]
        node.store.nextNode = reborn
        node.store.leaseIsValid = false
        node.beat()
        #expect(node.hub.node == reborn && !node.store.topics.contains(.echo(reborn)))
        node.store.failing = []
        node.store.restoreLink()
        let posts: Set<Topic> = [.posts(node.store.node), .posts(reborn)]
        #expect(node.store.topics == posts.union([.echo(reborn)]))
    }

    @Test func aLostLeaseWritesEverythingUnderAnotherId() throws {
        _ = try member("ann")
        node.tick(after: .seconds(1))
        #expect(cluster.redis.shares[lobby]?[node.store.node]?.count == 1)
        let reborn = try #require(NodeID("n1b"))
        node.store.nextNode = reborn
        node.store.leaseIsValid = false
        node.beat()
        node.tick(after: .seconds(2))
        #expect(cluster.redis.shares[lobby]?[reborn]?.count == 1)
    }

    @Test func aShareThatCouldNotBeWrittenIsWrittenLater() throws {
        node.store.failing = [.write]
        _ = try member("ann")
        node.tick(after: .seconds(1))
        #expect(cluster.redis.shares[lobby] == nil)
        node.store.failing = []
        node.beat()
        node.tick(after: .seconds(2))
        #expect(cluster.redis.shares[lobby]?[node.store.node]?.count == 1)
    }

    @Test func whatEverTheHubIsToldOfARoomItDoesNotTrip() throws {
        let client = try member("ann")
        _ = client.take()
        for payload in [
            "", "{", "[]", #"{"type":"share"}"#, #"{"type":"share","node":"n2","size":-1}"#, #"{"type":"evil"}"#,
            #"{"offset":1,"epoch":"","at":1,"type":"message"}"#,
            #"{"offset":99999999999999999999,"epoch":"e1","at":1,"#,
            #"{"type":"share","node":"n2","size":1,"here":[{"id":"bad id"}],"gone":[7]}"#, "\u{0}\u{1}",
        ] {
            cluster.redis.publish(ByteBuffer(string: payload), to: .room(lobby))
            cluster.redis.publish(
                ByteBuffer(string: payload), to: .user(client.session.identity?.user ?? .randomGuest()))
            cluster.run()
        }
        cluster.redis.publish(
            ByteBuffer(string: #"{"type":"typing","room":"lobby","user":"u","on":true}"#), to: .room(lobby))
        cluster.run()
        #expect(client.take().map(\.type) == ["typing"])
    }
}
