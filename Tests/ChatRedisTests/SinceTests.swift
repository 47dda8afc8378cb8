import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

/// What comes after a position: whole, or not at all.
@Suite struct SinceTests {
    private func positions(_ count: Int, _ stores: StoresOnLoop) async throws -> [Position] {
        let lobby = try room()
        var positions = [try await stores.latest(lobby).head]
        for number in 1...count { positions.append(try await stores.append("\(number)", to: lobby).position) }
        return positions
    }

    private func expectLost(
        _ position: Position,
        _ stores: StoresOnLoop,
        head: Position,
        limit: Int = 500,
        bytes: Int = 1 << 20,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let recovery = try await stores.since(position, try room(), limit: limit, bytes: bytes)
        #expect(recovery == .lost(head: head), sourceLocation: sourceLocation)
    }

    @Test func everythingAfterAnyPosition() async throws {
        try await withStores { stores in
            let positions = try await self.positions(20, stores)
            for (index, position) in positions.enumerated() {
                guard case .recovered(let head, let entries) = try await stores.since(position, try room()) else {
                    Issue.record("not recovered from \(position)")
                    continue
                }
                #expect(head == positions[20])
                #expect(entries.map(\.offset) == (0..<20 - index).map { UInt64(index + 1 + $0) })
                #expect(entries.allSatisfy { $0.at == positions[Int($0.offset)].at })
            }
        }
    }

    @Test func anotherEpochAnotherEntryOrAPlaceBeyondTheHeadIsLost() async throws {
        try await withStores { stores in
            let positions = try await self.positions(5, stores)
            let head = positions[5]
            var position = positions[3]
            position.epoch = "other"
            try await self.expectLost(position, stores, head: head)
            position = positions[3]
            position.at -= 1
            try await self.expectLost(position, stores, head: head)
            position.at = head.at + 1
            try await self.expectLost(position, stores, head: head)
            position = head
            position.at -= 1
            try await self.expectLost(position, stores, head: head)
            position = head
            position.offset += 1
            try await self.expectLost(position, stores, head: head)
            position = positions[0]
            position.at = 1
            try await self.expectLost(position, stores, head: head)
            // Nothing was written because of any of these: they may come from anybody.
            #expect(try await stores.latest(try room()).head == head)
        }
    }

    @Test func beyondTheLimitsIsLost() async throws {
        try await withStores { stores in
            let positions = try await self.positions(10, stores)
            let lobby = try room()
            for limit in 0...10 {
                let recovery = try await stores.since(positions[4], lobby, limit: limit)
                if limit >= 6 {
                    #expect(recovery != .lost(head: positions[10]))
                } else {
                    #expect(recovery == .lost(head: positions[10]))
                }
            }
            let bytes = try await stores.latest(lobby).entries.suffix(6).reduce(0) { $0 + $1.json.readableBytes }
            try await self.expectLost(positions[4], stores, head: positions[10], bytes: bytes - 1)
            #expect(try await stores.since(positions[4], lobby, bytes: bytes) != .lost(head: positions[10]))
        }
    }

    @Test func aDeletedEntryIsNoHoleButNoPlaceToGoOnFrom() async throws {
        try await withStores { stores in
            let positions = try await self.positions(6, stores)
            try await stores.send("XDEL", "t:room:{lobby}:log", "3-0")
            guard case .recovered(let head, let entries) = try await stores.since(positions[1], try room()) else {
                Issue.record("not recovered")
                return
            }
            #expect(head == positions[6] && entries.map(\.offset) == [2, 4, 5, 6])
            try await self.expectLost(positions[3], stores, head: positions[6])
            // The head is known from the meta, even when its entry is deleted.
            try await stores.send("XDEL", "t:room:{lobby}:log", "6-0")
            #expect(try await stores.since(positions[6], try room()) == .recovered(head: positions[6], entries: []))
        }
    }

    @Test func whereTheLogNoLongerReachesBackIsLost() async throws {
        var settings = RedisStoreSettings()
        settings.retention = 10
        try await withStores(settings: settings) { stores in
            let positions = try await self.positions(35, stores)
            let first = try #require(try await stores.latest(try room()).entries.first?.offset)
            #expect(first > 20)
            for position in positions {
                let recovery = try await stores.since(position, try room())
                // The entry just before the first is gone, so it cannot be compared.
                if position.offset < first {
                    #expect(recovery == .lost(head: positions[35]))
                } else {
                    #expect(recovery != .lost(head: positions[35]))
                }
            }
        }
    }

    @Test func anEmptyRoomGetsAnEpochAndCanBeGoneOnFrom() async throws {
        try await withStores { stores in
            let lobby = try room()
            guard case .lost(let head) = try await stores.since(Position(epoch: "x", offset: 0, at: 0), lobby) else {
                Issue.record("recovered from nothing")
                return
            }
            #expect(head.offset == 0 && head.at == 0 && !head.epoch.isEmpty)
            #expect(try await stores.since(head, lobby) == .recovered(head: head, entries: []))
            let next = try await stores.append("1", to: lobby).position
            #expect(next.epoch == head.epoch)
            guard case .recovered(let now, let entries) = try await stores.since(head, lobby) else {
                Issue.record("not recovered")
                return
            }
            #expect(now == next && entries.map(\.offset) == [1])
        }
    }
}
