import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct LeaseTests {
    private let vitals = NodeVitals(sessions: 5, users: 4, rooms: 3)

    private func beat(_ stores: StoresOnLoop) async throws -> Heartbeat {
        let vitals = self.vitals
        return try await stores.wait { $0.presence.heartbeat(vitals) }
    }

    @Test func theFirstHeartbeatBeginsTheLease() async throws {
        try await withStores { stores in
            let first = try await self.beat(stores)
            let id = try node("n-1")
            #expect(first == Heartbeat(leaseWasValid: false, living: [id], dead: [], node: id))
            let second = try await self.beat(stores)
            #expect(second == Heartbeat(leaseWasValid: true, living: [id], dead: [], node: id))
            try await eventually("the node describes itself") {
                try await stores.text("HGET", "t:node:{n-1}", "state") == "up"
            }
            let fields = try await stores.texts(
                "HMGET", "t:node:{n-1}", "address", "version", "sessions", "users", "rooms"
            )
            #expect(fields == ["127.0.0.1:1", "1", "5", "4", "3"])
            let started = try await stores.text("HGET", "t:node:{n-1}", "started")
            #expect(Int64(started ?? "") ?? 0 > 1_600_000_000_000)
            try await eventually("the description ends some day") {
                try await stores.send("PTTL", "t:node:{n-1}").int ?? 0 > 0
            }
        }
    }

    @Test func nodesSeeWhoLivesAndWhoIsDead() async throws {
        var short = RedisStoreSettings()
        short.lease = .milliseconds(50)
        let shortLease = short
        try await withRedisServer { server in
            try await withStores(server, node: "a-1") { one in
                try await withStores(server, node: "b-1", settings: shortLease) { other in
                    let (a, b) = (try node("a-1"), try node("b-1"))
                    _ = try await self.beat(one)
                    _ = try await self.beat(other)
                    try await eventually("the lease ended") { try await self.beat(one).dead == [b] }
                    #expect(try await self.beat(one).living == [a])
                }
            }
        }
    }

    @Test func aNodeWhoseLeaseHasEndedTakesANewId() async throws {
        var settings = RedisStoreSettings()
        settings.lease = .milliseconds(50)
        try await withStores(settings: settings) { stores in
            let old = try await self.beat(stores).node
            let ended = RedisArgument(old.string)
            try await stores.send("ZADD", "t:{nodes}", "1", ended)
            let beat = try await self.beat(stores)
            #expect(!beat.leaseWasValid && beat.node != old)
            #expect(beat.node.string.hasPrefix("test-"))
            #expect(beat.living == [beat.node] && beat.dead == [old])
            #expect(try await stores { $0.presence.node } == beat.node)
        }
    }

    @Test func anEmptyRedisMeansANewIdAndTheOldOneIsCleanedUp() async throws {
        try await withStores { stores in
            let old = try await self.beat(stores).node
            try await stores.send("FLUSHALL")
            let beat = try await self.beat(stores)
            #expect(!beat.leaseWasValid && beat.node != old && beat.dead == [old])
            let next = try await self.beat(stores)
            #expect(next.leaseWasValid && next.node == beat.node)
        }
    }

    @Test func anIdThatIsBeingCleanedUpNeverLivesAgain() async throws {
        try await withStores { stores in
            // Its very first heartbeat may have been answered to nobody, long ago.
            try await stores.send("ZADD", "t:{nodes}:dead", "1", "n-1")
            let beat = try await self.beat(stores)
            #expect(beat.node.string != "n-1" && beat.living == [beat.node])
            #expect(beat.dead == [try node("n-1")])
        }
    }

    @Test func aNodeThatResignsLivesForTheGraceTimeOnly() async throws {
        try await withStores { stores in
            let first = try await self.beat(stores)
            try await stores.wait { $0.presence.resign(grace: .milliseconds(30)) }
            #expect(try await stores.text("HGET", "t:node:{n-1}", "state") == "draining")
            try await eventually("the lease ended, and heartbeats do not prolong it") {
                let beat = try await self.beat(stores)
                #expect(beat.node == first.node)
                return beat.living.isEmpty && beat.dead == [first.node]
            }
        }
    }
}
