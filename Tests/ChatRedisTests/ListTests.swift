import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

/// The list of rooms spans the cluster.
@Suite struct ListTests {
    @Test func roomsInTheOrderOfTheirNames() async throws {
        try await withRedisServer { server in
            try await withStores(server, node: "a-1") { one in
                try await withStores(server, node: "b-1") { other in
                    let rooms = try ["delta", "alpha", "charlie", "bravo", "alpha"].map { try room($0) }
                    let direct = try room("dm:u1:u2")
                    try await one { stores in
                        for room in rooms { stores.directory.note(room) }
                        stores.directory.note(direct)
                    }
                    let (alpha, ann, bob) = (try room("alpha"), try present("u1"), try present("u2"))
                    try await one.wait { $0.presence.write(ShareChanges(here: [ann]), room: alpha) }
                    try await other.wait { $0.presence.write(ShareChanges(here: [ann, bob]), room: alpha) }
                    let at = try await one.append("1", to: alpha).position.at
                    try await one.send("HSET", "t:room:{alpha}:settings", "topic", "first letters")
                    _ = try await one.latest(try room("bravo"))

                    let all = try await one.wait { $0.directory.rooms(after: nil, limit: 10) }
                    #expect(all.next == nil)
                    #expect(
                        all.rooms == [
                            RoomSummary(room: alpha, topic: "first letters", members: 2, lastAt: at),
                            RoomSummary(room: try room("bravo"), topic: nil, members: 0, lastAt: nil),
                            RoomSummary(room: try room("charlie"), topic: nil, members: 0, lastAt: nil),
                            RoomSummary(room: try room("delta"), topic: nil, members: 0, lastAt: nil),
                        ]
                    )
                    var names: [String] = []
                    var cursor: String?
                    repeat {
                        let after = cursor
                        let page = try await other.wait { $0.directory.rooms(after: after, limit: 3) }
                        names += page.rooms.map(\.room.string)
                        cursor = page.next
                    } while cursor != nil
                    #expect(names == ["alpha", "bravo", "charlie", "delta"])
                    // A cursor is any text.
                    let odd = try await one.wait { $0.directory.rooms(after: "[\u{0}ü", limit: 3) }
                    #expect(odd.rooms.first?.room.string == "alpha")
                }
            }
        }
    }
}
