import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

/// Rooms in which nothing is heard, and rooms in which nobody is.
@Suite struct QuietRoomTests {
    private let cluster = TestCluster()
    private let node: TestNode
    private let lobby: RoomName

    init() throws {
        node = try cluster.node()
        lobby = try #require(RoomName("lobby"))
    }

    private func member(_ user: String) throws -> TestClient {
        let client = node.connect()
        try client.hello(user)
        client.say(#"{"type":"join","id":"j","room":"lobby"}"#)
        return client
    }

    /// The next round of comparing heads.
    private func compare() {
        node.hub.compareQuietRooms(now: .now() + .seconds(6))
        cluster.run()
    }

    @Test func aLastEntryThatWasNotHeardIsFound() throws {
        let ann = try member("ann")
        cluster.redis.say("1", in: lobby)
        cluster.run()
        _ = ann.take()
        _ = cluster.redis.store(ByteBuffer(string: FakeRedis.body("2", in: lobby)), in: lobby)
        compare()
        #expect(ann.take().map(\.text) == ["2"])
    }

    @Test func aLogThatIsGoneBeginsAnew() throws {
        let ann = try member("ann")
        cluster.redis.say("1", in: lobby)
        cluster.run()
        _ = ann.take()
        cluster.redis.flushAll()
        compare()
        #expect(ann.take().filter { $0.type == "reset" }.map(\.offset) == [0])
        cluster.redis.say("2", in: lobby)
        cluster.run()
        #expect(ann.take().map(\.text) == ["2"])
    }

    @Test func anAnswerThatIsOldSaysNothing() throws {
        let ann = try member("ann")
        _ = ann.take()
        node.store.hold(.head)
        compare()
        cluster.redis.say("1", in: lobby)
        cluster.run()
        #expect(ann.take().map(\.text) == ["1"])
        node.store.release(.head)
        #expect(ann.take().isEmpty)
    }

    @Test func aRoomThatIsClosedMeanwhileIsLeftAlone() throws {
        let ann = try member("ann")
        node.store.hold(.head)
        compare()
        ann.say(#"{"type":"leave","room":"lobby"}"#)
        node.tick(after: .seconds(30))
        #expect(node.hub.rooms.isEmpty)
        cluster.redis.flushAll()
        node.store.release(.head)
        #expect(node.hub.rooms.isEmpty && cluster.redis.logs.isEmpty)
    }

    @Test func aRoomIsClosedWhenNobodyCameBack() throws {
        let ann = try member("ann")
        ann.say(#"{"type":"leave","room":"lobby"}"#)
        node.tick(after: .seconds(5))
        #expect(node.hub.rooms[lobby] != nil)
        ann.say(#"{"type":"join","room":"lobby"}"#)
        node.tick(after: .seconds(30))
        #expect(node.hub.rooms[lobby] != nil, "somebody is in it")
        ann.say(#"{"type":"leave","room":"lobby"}"#)
        node.tick(after: .seconds(60))
        #expect(node.hub.rooms.isEmpty && node.hub.idleRooms.isEmpty)
    }
}
