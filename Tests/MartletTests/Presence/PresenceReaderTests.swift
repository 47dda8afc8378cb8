import RedisClient
import Subprocess
import Testing

@testable import martlet

/// On a real Redis.
struct PresenceReaderTests {
    @Test func theClusterIsRead() async throws {
        try await withRedis { redis, reader in
            let now = try await reader.time()
            for (node, lease) in [("a-1", now + 10_000), ("b-2", now + 10_000), ("c-3", now - 1)] {
                _ = try await redis.send(["ZADD", "t:{nodes}", RedisArgument(lease), RedisArgument(node)])
            }
            _ = try await redis.send(["ZADD", "t:{nodes}:dead", 1, "d-4"])
            _ = try await redis.send([
                "HSET", "t:node:{a-1}", "address", "127.0.0.1:1", "state", "draining", "sessions", "3", "users", "2",
                "rooms",
                "2", "version", "0.1.0", "started", RedisArgument(now),
            ])
            for (node, room, user, name) in [
                ("a-1", "lobby", "u1", "ann"), ("a-1", "lobby", "u2", "bob"), ("a-1", "tea", "u2", "bob"),
                ("b-2", "lobby", "u1", "ann"), ("c-3", "lobby", "u9", "ghost"),
            ] {
                let json = #"{"name":"\#(name)","status":"online","since":5,"sessions":1}"#
                _ = try await redis.send(["SADD", "t:node:{\(node)}:rooms", RedisArgument(room)])
                _ = try await redis.send([
                    "HSET", "t:room:{\(room)}:here:\(node)", RedisArgument(user), RedisArgument(json),
                ])
            }

            let report = try await reader.report()
            #expect(report.nodes.map(\.id) == ["a-1", "b-2", "c-3", "d-4"])
            #expect(report.nodes.map(\.state) == [.draining, .up, .dead, .cleaning])
            #expect(report.nodes.first?.sessions == 3)
            #expect(report.nodes.first?.started == now)
            #expect((1...10_000).contains(report.nodes.first?.leaseLeft ?? 0))
            #expect(report.rooms.map(\.room) == ["lobby", "tea"])
            #expect(report.rooms.first?.users.map(\.name) == ["ann", "bob"])
            #expect(report.rooms.first?.users.first?.nodes.sorted() == ["a-1", "b-2"])

            #expect(try await reader.report(PresenceFilter(room: "tea")).rooms.map(\.room) == ["tea"])
            #expect(try await reader.report(PresenceFilter(user: "ann")).rooms.map(\.room) == ["lobby"])
            let onB = try await reader.report(PresenceFilter(node: "b"))
            #expect(onB.nodes.map(\.id) == ["b-2"])
            #expect(onB.rooms.flatMap(\.users).map(\.id) == ["u1"])
            #expect(try await reader.report(nodesOnly: true).rooms.isEmpty)

            for (node, user, name) in [("a-1", "u1", "ann"), ("a-1", "u3", "Zoe"), ("b-2", "u3", "Zoe")] {
                let json = #"{"name":"\#(name)","status":"away","since":5,"sessions":1}"#
                _ = try await redis.send([
                    "HSET", "t:node:{\(node)}:users", RedisArgument(user), RedisArgument(json),
                ])
            }
            let zoe = try await reader.report(PresenceFilter(user: "zoe"))
            #expect(zoe.rooms.isEmpty && zoe.roomless?.map(\.nodes) == [["a-1", "b-2"]])
            #expect(zoe.presenceText.contains("-     u3    Zoe   away    2         a-1,b-2"))
            #expect(try await reader.report(PresenceFilter(user: "ann")).roomless == [])
            #expect(try await reader.report().roomless == nil)
        }
    }

    @Test func largeRoomsAreReadUpToTheLimit() async throws {
        try await withRedis { redis, reader in
            let now = try await reader.time()
            _ = try await redis.send(["ZADD", "t:{nodes}", RedisArgument(now + 60_000), "a-1"])
            _ = try await redis.send(["SADD", "t:node:{a-1}:rooms", "lobby"])
            for user in 0..<3000 {
                _ = try await redis.send(["HSET", "t:room:{lobby}:here:a-1", "u\(user)", #"{"name":"n"}"#])
            }
            let busy = #"{"name":"zoe","status":"busy","statusText":"lunch","since":1,"sessions":1}"#
            _ = try await redis.send(["HSET", "t:room:{lobby}:here:a-1", "u2999", RedisArgument(busy)])
            // Whoever is looked for is found behind any number of others.
            let zoe = try await reader.report(PresenceFilter(user: "zoe", usersPerRoom: 10))
            #expect(zoe.rooms.first?.users.map(\.statusText) == ["lunch"] && zoe.rooms.first?.isCut == false)
            #expect(zoe.presenceText.contains("busy (lunch)"))
            let all = try await reader.report(PresenceFilter(usersPerRoom: 5000))
            #expect(all.rooms.first?.users.count == 3000)
            #expect(all.rooms.first?.isCut == false)
            let cut = try await reader.report(PresenceFilter(usersPerRoom: 100))
            #expect(cut.rooms.first?.count == 3000)
            #expect(cut.rooms.first?.users.count == 100)
            #expect(cut.rooms.first?.isCut == true)
        }
    }

    @Test func theProgramFindsTheNodesRedis() async throws {
        let directory = try TemporaryDirectory()
        let redis = try await PrivateRedis.start(dataDirectory: directory.path, logger: .quiet)
        let nodes = try await MartletProgram.run(["nodes", "--data", directory.path])
        #expect(nodes.output == "no nodes\n")
        #expect(nodes.error.isEmpty)
        let presence = try await MartletProgram.run(
            ["presence", "--json"], environment: ["MARTLET_DATA": directory.path])
        #expect(presence.output.contains(#""rooms":[]"#))
        let other = try await MartletProgram.run(["nodes"], environment: ["MARTLET_REDIS": redis.url])
        #expect(other.status == .exited(0))
        await redis.stop()
    }

    private func withRedis(_ body: (RedisSession, PresenceReader) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        let server = try await PrivateRedis.start(dataDirectory: directory.path, logger: .quiet)
        do {
            let session = try await RedisSession.connect(to: server.endpoint, deadline: .seconds(10))
            try await body(session, PresenceReader(redis: session, keys: PresenceKeys(prefix: "t:")))
            await session.close()
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }
}
