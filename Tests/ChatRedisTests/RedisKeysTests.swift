import ChatProtocol
import Testing

@testable import ChatRedis

@Suite struct RedisKeysTests {
    @Test func allOfARoomLiesInOneSlot() throws {
        let room = try #require(RoomName("lobby"))
        let node = try #require(NodeID("a-1"))
        let keys = RedisKeys(prefix: "martlet:")
        #expect(keys.log(room) == "martlet:room:{lobby}:log")
        #expect(keys.meta(room) == "martlet:room:{lobby}:meta")
        #expect(keys.share(of: room, node: node) == "martlet:room:{lobby}:here:a-1")
        #expect(keys.online == "martlet:online")
    }
}
