import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct LargeShareTests {
    private func fill(_ stores: StoresOnLoop, _ users: Range<Int>) async throws {
        let here = try users.map { try present("u\($0)") }
        let lobby = try room()
        try await stores.wait { $0.presence.write(ShareChanges(here: here), room: lobby) }
    }

    private func withShares(_ body: (StoresOnLoop) async throws -> Void) async throws {
        try await withRedisServer { server in
            try await withStores(server, node: "a-1") { one in
                try await withStores(server, node: "b-1") { other in
                    // A small hash is stored and read otherwise than a large one. 50 users are on both.
                    try await fill(one, 0..<1_000)
                    try await fill(other, 950..<1_050)
                    try await body(one)
                }
            }
        }
    }

    @Test func ofTooManyOnlyTheSizesAreRead() async throws {
        try await withShares { stores in
            let lobby = try room()
            let sizes = try await stores.wait { $0.presence.shares(of: lobby, upTo: 1_099) }
            #expect(sizes == .sizes([try node("a-1"): 1_000, try node("b-1"): 100]))
            guard case .whole(let users) = try await stores.wait({ $0.presence.shares(of: lobby, upTo: 1_100) }) else {
                return #expect(Bool(false), "the shares were to be whole")
            }
            #expect(users.mapValues(\.count) == [try node("a-1"): 1_000, try node("b-1"): 100])
            let nobody = try await stores.wait { [other = try room("other")] in $0.presence.shares(of: other, upTo: 5) }
            #expect(nobody == .whole([:]))
        }
    }

    @Test(arguments: [7, 100, 200]) func pagesListEverybody(limit: Int) async throws {
        try await withShares { stores in
            let lobby = try room()
            var listed: [String] = []
            var cursor: String?
            repeat {
                let page = try await stores.wait { [cursor] in
                    $0.presence.members(of: lobby, after: cursor, limit: limit)
                }
                #expect(page.users.count <= limit && page.count == 1_100 && page.isApproximate)
                listed += page.users.map(\.id.string)
                cursor = page.next
                #expect(listed.count <= 1_200)
            } while cursor != nil && listed.count <= 1_200
            #expect(Set(listed).count == 1_050)
        }
    }

    @Test(arguments: ["x", "//", "a-1/0", "a-1/x/0", "a-1/0/-1", "zzz/0/0", "a-1/99999999/5"])
    func aStrangeCursorIsHarmless(cursor: String) async throws {
        try await withStores { stores in
            try await fill(stores, 0..<3)
            let lobby = try room()
            let page = try await stores.wait { $0.presence.members(of: lobby, after: cursor, limit: 10) }
            #expect(page.users.count <= 3 && page.count == 3)
        }
    }

    @Test func theListOfRoomsCountsAUserOnceWhereThatIsCheap() async throws {
        try await withShares { stores in
            try await stores { [lobby = try room()] in $0.directory.note(lobby) }
            let page = try await stores.wait { $0.directory.rooms(after: nil, limit: 10) }
            #expect(page.rooms.map(\.members) == [1_100] && page.rooms.map(\.isApproximate) == [true])
        }
        var settings = RedisStoreSettings()
        settings.countedMembers = 3
        try await withRedisServer { [settings] server in
            try await withStores(server, node: "a-1", settings: settings) { one in
                try await withStores(server, node: "b-1", settings: settings) { other in
                    try await fill(one, 0..<2)
                    try await fill(other, 1..<2)
                    try await one { [lobby = try room()] in $0.directory.note(lobby) }
                    let page = try await one.wait { $0.directory.rooms(after: nil, limit: 10) }
                    #expect(page.rooms.map(\.members) == [2] && page.rooms.map(\.isApproximate) == [false])
                }
            }
        }
    }
}
