import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

/// Lists that span the cluster: rooms, and everyone online.
@Suite struct ListTests {
    private let vitals = NodeVitals(sessions: 0, users: 0, rooms: 0)

    private func everyone(_ stores: StoresOnLoop, limit: Int) async throws -> [OnlinePage] {
        var pages: [OnlinePage] = []
        var cursor: String?
        repeat {
            let after = cursor
            let page = try await stores.wait { $0.directory.online(after: after, limit: limit) }
            #expect(page.users.count <= limit)
            pages.append(page)
            cursor = page.next
        } while cursor != nil && pages.count < 1_000
        return pages
    }

    private func withNodes(_ sizes: [Int], _ body: (StoresOnLoop) async throws -> Void) async throws {
        try await withRedisServer { server in
            try await withStores(server, node: "z-9") { stores in
                for (index, size) in sizes.enumerated() {
                    let id = "n-\(index)"
                    try await stores.send("ZADD", "t:{nodes}", "9999999999999", .init(id))
                    for number in 0..<size {
                        // Every tenth is on all nodes.
                        let user = number.isMultiple(of: 10) ? "all\(number)" : "u\(index)-\(number)"
                        try await stores.send(
                            "HSET", .init("t:node:{\(id)}:users"), .init(user),
                            #"{"name":"x","status":"online","since":1,"sessions":1}"#
                        )
                    }
                }
                // A dead node's users are not online.
                try await stores.send("ZADD", "t:{nodes}", "1", "m-1")
                try await stores.send("HSET", "t:node:{m-1}:users", "ghost", "{}")
                try await body(stores)
            }
        }
    }

    @Test(arguments: [[3], [0, 5, 0, 7, 0], [1, 1, 1, 1, 1, 1], [700, 3, 250], []], [1, 7, 100, 1_000])
    func everyoneIsListedPageByPage(sizes: [Int], limit: Int) async throws {
        // One page of one user each takes its time.
        if limit == 1 && sizes.reduce(0, +) > 100 { return }
        try await self.withNodes(sizes) { stores in
            let pages = try await self.everyone(stores, limit: limit)
            var expected: Set<String> = []
            for (index, size) in sizes.enumerated() {
                for number in 0..<size {
                    expected.insert(number.isMultiple(of: 10) ? "all\(number)" : "u\(index)-\(number)")
                }
            }
            #expect(Set(pages.flatMap { $0.users.map(\.id.string) }) == expected)
            #expect(pages.allSatisfy { $0.count == sizes.reduce(0, +) })
            #expect(pages.allSatisfy { Set($0.users.map(\.id)).count == $0.users.count })
            // Small nodes share a page: it takes no more pages than needed, but for repeated users.
            #expect(pages.count <= sizes.reduce(0, +) / limit + 1 + sizes.reduce(0) { $0 + $1 / 100 })
        }
    }

    @Test(arguments: ["", "/", "x", "n-0/1", "n-0/x/u", "n-0/0/u/v", "n 0/0/u", "n-0/0/ü", "n-0/-1/", "//"])
    func aTextThatIsNoCursorGivesAnEmptyPage(cursor: String) async throws {
        try await self.withNodes([2]) { stores in
            let page = try await stores.wait { $0.directory.online(after: cursor, limit: 5) }
            #expect(page == OnlinePage(users: [], count: 0, next: nil))
        }
    }

    @Test func aCursorOfANodeThatIsGoneGoesOnWithTheNext() async throws {
        try await self.withNodes([2, 2]) { stores in
            let page = try await stores.wait { $0.directory.online(after: "n-0a/17/u", limit: 5) }
            #expect(page.users.map(\.id.string) == ["all0", "u1-1"] && page.next == nil)
            let end = try await stores.wait { $0.directory.online(after: "zzz/0/", limit: 5) }
            #expect(end.users.isEmpty && end.next == nil)
        }
    }

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
                    try await one.send("HSET", "t:room:{alpha}:meta", "topic", "first letters")
                    _ = try await one.latest(try room("bravo"))

                    let all = try await one.wait { $0.directory.rooms(after: nil, limit: 10) }
                    #expect(all.next == nil)
                    #expect(
                        all.rooms == [
                            RoomSummary(room: alpha, topic: "first letters", members: 3, lastAt: at),
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
