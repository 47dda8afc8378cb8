import ChatCore
import ChatProtocol
import ChatRedis
import RedisClient
import TestSupport
import Testing

/// A log that lost entries, or its meta, must not go on as if nothing had happened.
@Suite struct LostEntriesTests {
    /// Takes a room back to where it was: a failover to a replica that was behind.
    private func rollBack(_ stores: StoresOnLoop, _ body: () async throws -> Void) async throws {
        for key in ["log", "meta"] {
            try await stores.send("COPY", .init("t:room:{lobby}:\(key)"), .init("backup:\(key)"), "REPLACE")
        }
        try await body()
        for key in ["log", "meta"] {
            try await stores.send("COPY", .init("backup:\(key)"), .init("t:room:{lobby}:\(key)"), "REPLACE")
        }
    }

    @Test func aCallerWhoKnowsMoreGetsANewEpochAndOffsetsGoOn() async throws {
        try await withStores { stores in
            let lobby = try room()
            let before = try await stores.append("kept", to: lobby).position
            var known = before
            try await self.rollBack(stores) {
                for number in 0..<5 { known = try await stores.append("lost \(number)", to: lobby).position }
            }
            let after = try await stores.append("new", to: lobby, known: known).position
            #expect(after.epoch != before.epoch)
            #expect(after.offset == known.offset + 1)
            #expect(after.at >= known.at)
            let page = try await stores.latest(lobby)
            #expect(page.head == after)
            #expect(page.entries.map(\.offset) == [1, 7])
            // Who knows the new epoch changes nothing.
            let next = try await stores.append("next", to: lobby, known: after).position
            #expect(next.epoch == after.epoch && next.offset == 8)
        }
    }

    @Test(arguments: [(3, 100), (4, 0), (2, 100)])
    func anotherEntryWhereTheCallersStoodIsALoss(offset: Int, later: Int) async throws {
        try await withStores { stores in
            let lobby = try room()
            var head = try await stores.append("1", to: lobby).position
            for number in 2...3 { head = try await stores.append("\(number)", to: lobby).position }
            let known = Position(epoch: head.epoch, offset: UInt64(offset), at: head.at + Int64(later))
            let next = try await stores.append("4", to: lobby, known: known).position
            #expect(next.epoch != head.epoch)
            #expect(next.offset == UInt64(max(3, offset) + 1))
            #expect(next.at >= known.at)
        }
    }

    @Test func whoIsBehindOrKnowsAnotherEpochChangesNothing() async throws {
        try await withStores { stores in
            let lobby = try room()
            let first = try await stores.append("1", to: lobby).position
            try await stores.append("2", to: lobby)
            let behind = try await stores.append("3", to: lobby, known: first).position
            let stranger = Position(epoch: "other", offset: 900, at: first.at + 100_000)
            let other = try await stores.append("4", to: lobby, known: stranger).position
            #expect(behind.epoch == first.epoch && other.epoch == first.epoch)
            #expect(other.offset == 4)
        }
    }

    @Test func aLogWithoutItsMetaIsDiscarded() async throws {
        try await withStores { stores in
            let lobby = try room()
            let before = try await stores.append("1", to: lobby).position
            try await stores.append("2", to: lobby)
            try await stores.send("DEL", "t:room:{lobby}:meta")
            let after = try await stores.append("new", to: lobby, known: before).position
            #expect(after.epoch != before.epoch && after.offset == 1)
            #expect(try await stores.latest(lobby).entries.map(\.offset) == [1])

            try await stores.send("DEL", "t:room:{lobby}:meta")
            let opened = try await stores.latest(lobby)
            #expect(opened.head.epoch != after.epoch && opened.head.offset == 0 && opened.entries.isEmpty)
        }
    }

    @Test func aMetaBehindItsLogHealsWithANewEpoch() async throws {
        try await withStores { stores in
            let lobby = try room()
            var head = try await stores.append("1", to: lobby).position
            for number in 2...4 { head = try await stores.append("\(number)", to: lobby).position }
            try await stores.send("HSET", "t:room:{lobby}:meta", "offset", "2")
            let after = try await stores.append("5", to: lobby).position
            #expect(after.epoch != head.epoch && after.offset == 5)
            #expect(try await stores.latest(lobby).entries.map(\.offset) == [1, 2, 3, 4, 5])
        }
    }

    @Test func anEmptyRedisStartsAnew() async throws {
        try await withStores { stores in
            let lobby = try room()
            let before = try await stores.append("1", to: lobby).position
            try await stores.send("FLUSHALL")
            // FLUSHALL forgets no scripts.
            let after = try await stores.append("new", to: lobby, known: before).position
            #expect(after.epoch != before.epoch && after.offset == 1)
        }
    }

    @Test func theFirstToRenewAnEpochWins() async throws {
        try await withRedisServer { server in
            try await withStores(server, node: "a-1") { one in
                try await withStores(server, node: "b-1") { other in
                    let lobby = try room()
                    let head = try await one.append("1", to: lobby).position
                    async let first = one.wait { $0.log.renewEpoch(of: lobby, lost: head.epoch) }
                    async let second = other.wait { $0.log.renewEpoch(of: lobby, lost: head.epoch) }
                    let (a, b) = try await (first, second)
                    #expect(a == b && a.epoch != head.epoch)
                    #expect(a.offset == head.offset && a.at == head.at)
                    // The position in the new epoch is a place to go on from.
                    let next = try await one.append("2", to: lobby)
                    guard case .recovered(let now, let entries) = try await other.since(a, lobby) else {
                        Issue.record("not recovered")
                        return
                    }
                    #expect(now == next.position && entries.map(\.offset) == [2])
                }
            }
        }
    }

    @Test func renewingARoomThatIsNotThereMakesOne() async throws {
        try await withStores { stores in
            let lobby = try room()
            let head = try await stores.wait { $0.log.renewEpoch(of: lobby, lost: "old") }
            #expect(head.offset == 0 && head.at == 0 && head.epoch != "old")
            #expect(try await stores.latest(lobby).head == head)
        }
    }
}
