import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct CleanUpTests {
    private let vitals = NodeVitals(sessions: 0, users: 0, rooms: 0)

    private func settings(lease: TimeAmount) -> RedisStoreSettings {
        var settings = RedisStoreSettings()
        settings.lease = lease
        settings.cleanerBatch = 7
        return settings
    }

    /// A node that beat once and left shares in 30 rooms; one of them is larger than a batch.
    private func leaveADeadNode(_ server: RedisServer) async throws {
        try await withStores(server, node: "dead-1", settings: self.settings(lease: .milliseconds(1))) { stores in
            let vitals = self.vitals
            try await stores.wait { $0.presence.heartbeat(vitals) }
            for number in 0..<30 {
                let room = try room("r\(number)")
                let users = try (0..<(number == 7 ? 100 : 2)).map { try present("u\($0)") }
                try await stores.wait { $0.presence.write(ShareChanges(here: users), room: room) }
            }
            let shown = try present("u0")
            try await stores { $0.directory.show(shown) }
            try await stores.send("PING")
        }
    }

    /// Beats, and cleans up after whoever is said to be dead.
    private func live(_ stores: StoresOnLoop) async throws {
        let vitals = self.vitals
        let beat = try await stores.wait { $0.presence.heartbeat(vitals) }
        for node in beat.dead { try await stores.wait { $0.presence.cleanUp(after: node) } }
    }

    private func leftovers(_ stores: StoresOnLoop) async throws -> [String] {
        let keys = try await stores.texts("KEYS", "*dead-1*")
        let sets = try await stores.texts("KEYS", "*:nodes").filter { $0.hasPrefix("t:room:") }
        let names =
            try await stores.texts("ZRANGE", "t:{nodes}", 0, -1) + stores.texts("ZRANGE", "t:{nodes}:dead", 0, -1)
        return keys + sets + names.filter { $0 == "dead-1" }
    }

    @Test func twoSurvivorsAtOnceLeaveNothingAndTellItOnce() async throws {
        try await withRedisServer { server in
            try await self.leaveADeadNode(server)
            let settings = self.settings(lease: .milliseconds(300))
            try await withStores(server, node: "a-1", settings: settings) { one in
                try await withStores(server, node: "b-1", settings: settings) { other in
                    try await one.wait { $0.subscriber.patternSubscribe("t:*") }
                    try await eventually("all is gone") {
                        async let first: Void = self.live(one)
                        async let second: Void = self.live(other)
                        _ = try await (first, second)
                        return try await self.leftovers(one).isEmpty
                    }
                    try await one.send("PUBLISH", "t:end", "end")
                    try await eventually("all was heard") { try await one { $0.heard.last == "t:end end" } }
                    let heard = try await one { $0.heard }
                    let gone = heard.filter { $0.contains(#""node":"dead-1","event":"gone""#) }
                    #expect(gone.count == 29 * 2 + 100)
                    #expect(Set(gone.map { $0.split(separator: ",").prefix(2) }).count == gone.count)
                    let notices = heard.filter { $0.contains(#"{"type":"share","node":"dead-1","size":0,"#) }
                    #expect(notices.count == 30 && Set(notices).count == 30)
                }
            }
        }
    }

    @Test(arguments: [3, 1_300])
    func usersOfADeadNodeAreOnlineNoMoreUnlessTheyAreElsewhere(count: Int) async throws {
        try await withRedisServer { server in
            let shown = try (0..<count).map { try present("u\($0)") }
            let elsewhere = shown.filter { $0.id.string.hasSuffix("1") }
            let (vitals, settings) = (self.vitals, self.settings(lease: .milliseconds(300)))
            try await withStores(server, node: "dead-1", settings: self.settings(lease: .milliseconds(1))) { stores in
                try await stores.wait { $0.presence.heartbeat(vitals) }
                try await stores { stores in for user in shown { stores.directory.show(user) } }
                try await stores.send("PING")
            }
            // With a lease that does not end, however slow the machine.
            try await withStores(server, node: "c-1", settings: self.settings(lease: .seconds(60))) { stores in
                try await stores.wait { $0.presence.heartbeat(vitals) }
                try await stores { stores in for user in elsewhere { stores.directory.show(user) } }
                #expect(try await stores.send("ZCARD", "t:online").int == count)
            }
            try await withStores(server, node: "a-1", settings: settings) { one in
                try await withStores(server, node: "b-1", settings: settings) { other in
                    try await eventually("all is gone") {
                        async let first: Void = self.live(one)
                        async let second: Void = self.live(other)
                        _ = try await (first, second)
                        return try await self.leftovers(one).isEmpty
                    }
                    #expect(try await Set(one.texts("ZRANGE", "t:online", 0, -1)) == Set(elsewhere.map(\.id.string)))
                    #expect(try await one.texts("ZRANGE", "t:user:{u1}:nodes", 0, -1) == ["c-1"])
                    #expect(try await one.send("EXISTS", "t:user:{u0}:nodes").int == 0)
                }
            }
        }
    }

    @Test func nobodyCleansBeforeItsOwnLeaseWasValidForOneLease() async throws {
        try await withRedisServer { server in
            try await self.leaveADeadNode(server)
            try await withStores(server, node: "a-1", settings: self.settings(lease: .seconds(60))) { stores in
                for _ in 0..<3 { try await self.live(stores) }
                #expect(try await stores.send("HLEN", "t:room:{r7}:here:dead-1").int == 100)
                #expect(try await stores.send("ZCARD", "t:{nodes}:dead").int == 0)
            }
        }
    }

    @Test func anotherFinishesForACleanerThatDied() async throws {
        try await withRedisServer { server in
            try await self.leaveADeadNode(server)
            try await withStores(server, node: "a-1", settings: self.settings(lease: .milliseconds(100))) { stores in
                // Somebody took the task, and has time left.
                let time = try await stores.texts("TIME").compactMap { Int($0) }
                let deadline = (time.first ?? 0) * 1_000 + 1_500
                try await stores.send("ZREM", "t:{nodes}", "dead-1")
                try await stores.send("ZADD", "t:{nodes}:dead", .init(deadline), "dead-1")
                try await eventually("our lease is old enough, and the cleaner's time is over") {
                    try await self.live(stores)
                    let now = try await stores.texts("TIME").compactMap { Int($0) }
                    if now[0] * 1_000 + now[1] / 1_000 < deadline {
                        #expect(try await stores.send("SCARD", "t:node:{dead-1}:rooms").int == 30)
                    }
                    return try await self.leftovers(stores).isEmpty
                }
            }
        }
    }

    @Test func aLivingNodeIsLeftAlone() async throws {
        try await withRedisServer { server in
            let settings = self.settings(lease: .milliseconds(100))
            try await withStores(server, node: "a-1", settings: settings) { one in
                try await withStores(server, node: "b-1", settings: self.settings(lease: .seconds(60))) { other in
                    let vitals = self.vitals
                    try await other.wait { $0.presence.heartbeat(vitals) }
                    let (lobby, ann, b) = (try room(), try present("u1"), try node("b-1"))
                    try await other.wait { $0.presence.write(ShareChanges(here: [ann]), room: lobby) }
                    try await one.wait { $0.presence.heartbeat(vitals) }
                    let start = ContinuousClock.now
                    try await eventually("we might clean up for a while") {
                        try await one.wait { $0.presence.heartbeat(vitals) }
                        try await one.wait { $0.presence.cleanUp(after: b) }
                        return ContinuousClock.now - start > .milliseconds(300)
                    }
                    #expect(try await one.send("HLEN", "t:room:{lobby}:here:b-1").int == 1)
                    #expect(try await one.send("ZCARD", "t:{nodes}:dead").int == 0)
                }
            }
        }
    }
}
