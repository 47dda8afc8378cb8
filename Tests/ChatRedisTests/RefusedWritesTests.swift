import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

/// A Redis that refuses writes must refuse all of an append, with nothing half done.
@Suite struct RefusedWritesTests {
    /// Everything in Redis, as text.
    private func everything(_ stores: StoresOnLoop) async throws -> [String] {
        var lines: [String] = []
        for key in try await stores.texts("KEYS", "*").sorted() {
            lines.append("\(key) \(String(describing: try await stores.send("DUMP", .init(key))))")
        }
        return lines
    }

    @Test(arguments: [true, false])
    func aFullRedisRefusesTheWholeAppend(hasEntries: Bool) async throws {
        try await withStores { stores in
            let lobby = try room()
            if hasEntries { try await stores.append("1", to: lobby) }
            try await stores.wait { $0.subscriber.patternSubscribe("*") }
            let before = try await self.everything(stores)
            try await stores.send("CONFIG", "SET", "maxmemory", "1")

            let request = AppendRequest(room: lobby, author: try user(), body: body("2"), key: "k", known: nil)
            let error = await stores.failure { $0.append(request) }
            guard case StoreError.refused(let reason)? = error else {
                Issue.record("not refused: \(String(describing: error))")
                return
            }
            #expect(reason.contains("maxmemory"))
            #expect(try await self.everything(stores) == before)

            try await stores.send("CONFIG", "SET", "maxmemory", "0")
            let after = try await stores.append("2", to: lobby, key: "k")
            #expect(!after.isRepeat && after.position.offset == (hasEntries ? 2 : 1))
            try await eventually("the entry was published") { try await !stores { $0.heard.isEmpty } }
            #expect(try await stores { $0.heard.count } == 1)
        }
    }

    @Test func aNewEpochIsRefusedAsAWhole() async throws {
        try await withStores { stores in
            let lobby = try room()
            let head = try await stores.append("1", to: lobby).position
            let before = try await self.everything(stores)
            try await stores.send("CONFIG", "SET", "maxmemory", "1")
            let known = Position(epoch: head.epoch, offset: 50, at: head.at)
            let request = AppendRequest(room: lobby, author: try user(), body: body("2"), key: nil, known: known)
            #expect(await stores.failure { $0.append(request) } is StoreError)
            #expect(try await self.everything(stores) == before)
        }
    }

    @Test func tooFewReplicasRefuseTheWholeAppend() async throws {
        try await withStores { stores in
            let lobby = try room()
            try await stores.append("1", to: lobby)
            let before = try await self.everything(stores)
            try await stores.send("CONFIG", "SET", "min-replicas-to-write", "1")
            let request = AppendRequest(room: lobby, author: try user(), body: body("2"), key: "k", known: nil)
            guard case StoreError.refused(let reason)? = await stores.failure({ $0.append(request) }) else {
                Issue.record("not refused")
                return
            }
            #expect(reason.contains("min-replicas-to-write"))
            #expect(try await self.everything(stores) == before)
        }
    }

    @Test func aReadOnlyRedisIsUnavailable() async throws {
        try await withStores { stores in
            let lobby = try room()
            try await stores.append("1", to: lobby)
            try await stores.send("REPLICAOF", "127.0.0.1", "1")
            let request = AppendRequest(room: lobby, author: try user(), body: body("2"), key: nil, known: nil)
            guard case StoreError.unavailable? = await stores.failure({ $0.append(request) }) else {
                Issue.record("not unavailable")
                return
            }
        }
    }

    @Test func aStoppedRedisIsUnavailable() async throws {
        try await withRedisServer { server in
            try await withStores(server) { stores in
                let lobby = try room()
                try await stores.append("1", to: lobby)
                server.kill()
                let request = AppendRequest(room: lobby, author: try user(), body: body("2"), key: nil, known: nil)
                guard case StoreError.unavailable? = await stores.failure({ $0.append(request) }) else {
                    Issue.record("not unavailable")
                    return
                }
                guard case StoreError.unavailable? = await stores.failure({ $0.log.open(lobby, limit: 1) }) else {
                    Issue.record("not unavailable")
                    return
                }
            }
        }
    }

    @Test func aKeyOfAnotherKindIsRefusedWithAHint() async throws {
        try await withStores { stores in
            let lobby = try room()
            try await stores.send("SET", "t:room:{lobby}:meta", "x")
            guard case StoreError.refused(let reason)? = await stores.failure({ $0.log.open(lobby, limit: 1) }) else {
                Issue.record("not refused")
                return
            }
            #expect(reason.contains("prefix"))
        }
    }

    @Test func heartbeatsGoOnInAFullRedis() async throws {
        try await withStores { stores in
            let vitals = NodeVitals(sessions: 0, users: 0, rooms: 0)
            try await stores.wait { $0.presence.heartbeat(vitals) }
            try await stores.send("CONFIG", "SET", "maxmemory", "1")
            let before = try await stores.text("ZSCORE", "t:{nodes}", "n-1").flatMap { Double($0) } ?? 0
            try await eventually("the clock went on") {
                let beat = try await stores.wait { $0.presence.heartbeat(vitals) }
                #expect(beat.leaseWasValid)
                return try await stores.text("ZSCORE", "t:{nodes}", "n-1").flatMap { Double($0) } ?? 0 > before
            }
        }
    }
}
