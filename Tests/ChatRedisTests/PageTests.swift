import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct PageTests {
    private func offsets(
        _ stores: StoresOnLoop,
        _ range: HistoryRange,
        _ limit: Int
    ) async throws -> (offsets: [UInt64], more: Bool) {
        let lobby = try room()
        let page = try await stores.wait { $0.log.page(lobby, range, limit: limit) }
        return (page.entries.map(\.offset), page.more)
    }

    @Test func pagesInEveryDirection() async throws {
        try await withStores { stores in
            for number in 1...10 { try await stores.append("\(number)", to: try room()) }
            let cases: [(HistoryRange, Int, [UInt64], Bool)] = [
                (.latest, 3, [8, 9, 10], true),
                (.latest, 10, Array(1...10), false),
                (.latest, 0, [], true),
                (.before(8), 3, [5, 6, 7], true),
                (.before(4), 3, [1, 2, 3], false),
                (.before(1), 3, [], false),
                (.before(0), 3, [], false),
                (.before(1_000), 2, [9, 10], true),
                (.before(1 << 52), 2, [9, 10], true),
                (.after(0), 3, [1, 2, 3], true),
                (.after(7), 3, [8, 9, 10], false),
                (.after(10), 3, [], false),
                (.after(1 << 52), 3, [], false),
            ]
            for (range, limit, expected, more) in cases {
                let page = try await self.offsets(stores, range, limit)
                #expect(page.offsets == expected && page.more == more, "\(range) \(limit)")
            }
        }
    }

    @Test func openingMakesAnEpochOnce() async throws {
        try await withRedisServer { server in
            try await withStores(server, node: "a-1") { one in
                try await withStores(server, node: "b-1") { other in
                    let lobby = try room()
                    async let first = one.latest(lobby)
                    async let second = other.latest(lobby)
                    let (a, b) = try await (first, second)
                    #expect(a == b)
                    #expect(a.head.offset == 0 && a.head.at == 0 && a.entries.isEmpty && !a.more)
                    #expect(try await one.append("1", to: lobby).position.epoch == a.head.epoch)
                    let created = try await one.text("HGET", "t:room:{lobby}:meta", "created")
                    #expect(Int64(created ?? "") ?? 0 > 1_600_000_000_000)
                }
            }
        }
    }

    @Test func pagesAreCutByBytesButNeverEmpty() async throws {
        var settings = RedisStoreSettings()
        settings.pageBytes = 10_000
        try await withStores(settings: settings) { stores in
            let long = String(repeating: "x", count: 4_000)
            for _ in 1...6 { try await stores.append(long, to: try room()) }
            var page = try await self.offsets(stores, .latest, 6)
            #expect(page.offsets == [5, 6] && page.more)
            page = try await self.offsets(stores, .after(0), 6)
            #expect(page.offsets == [1, 2] && page.more)
            page = try await self.offsets(stores, .before(3), 6)
            #expect(page.offsets == [1, 2] && !page.more)
            try await stores.append(String(repeating: "y", count: 20_000), to: try room())
            page = try await self.offsets(stores, .latest, 6)
            #expect(page.offsets == [7] && page.more)
        }
    }

    @Test func theHeadAlone() async throws {
        try await withStores { stores in
            let lobby = try room()
            #expect(try await stores.wait { $0.log.head(of: lobby) } == nil)
            let empty = try await stores.wait { $0.log.open(lobby, limit: 0) }.head
            #expect(try await stores.wait { $0.log.head(of: lobby) } == LogHead(position: empty))
            let first = try await stores.append("1", to: lobby).position
            #expect(try await stores.wait { $0.log.head(of: lobby) } == LogHead(position: first))
            try await stores.send("HSET", "t:room:{lobby}:meta", "policy", "3")
            #expect(try await stores.wait { $0.log.head(of: lobby) } == LogHead(position: first, policyVersion: 3))
        }
    }

    @Test func whatIsNoEntryIsPassedOver() async throws {
        try await withStores { stores in
            let lobby = try room()
            try await stores.append("1", to: lobby)
            try await stores.send("XADD", "t:room:{lobby}:log", "1-5", "note", "by hand")
            #expect(try await stores.latest(lobby).entries.map(\.offset) == [1])
        }
    }
}
