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

    @Test func placesAreReadPageByPage() async throws {
        try await withRedis { redis, reader in
            let now = try await reader.time()
            for (node, lease) in [("a-1", now + 60_000), ("b-2", now + 60_000), ("c-3", now - 1)] {
                _ = try await redis.send(["ZADD", "t:{nodes}", RedisArgument(lease), RedisArgument(node)])
                _ = try await redis.send(["SADD", "t:room:{lobby}:nodes", RedisArgument(node)])
            }
            var everybody: Set<String> = []
            for (node, users) in [("a-1", 0..<700), ("b-2", 690..<750), ("c-3", 800..<810)] {
                for user in users {
                    let json = #"{"name":"n\#(user)","status":"online","since":5,"sessions":1}"#
                    for key in ["t:room:{lobby}:here:\(node)", "t:node:{\(node)}:users"] {
                        _ = try await redis.send(["HSET", RedisArgument(key), "u\(user)", RedisArgument(json)])
                    }
                    if node != "c-3" { everybody.insert("\(node) u\(user)") }
                }
            }
            for filter in [PresenceFilter(), PresenceFilter(room: "lobby")] {
                for limit in [7, 100, 5_000] {
                    var found: [String] = []
                    var after: String?
                    repeat {
                        let page = try await reader.places(filter, after: after, limit: limit)
                        #expect(page.users.count <= limit)
                        #expect(page.count == 760)
                        #expect(page.users.allSatisfy { $0.room == filter.room && $0.name == "n" + $0.id.dropFirst() })
                        found += page.users.map { "\($0.node) \($0.id)" }
                        after = page.after
                    } while after != nil
                    #expect(Set(found) == everybody)
                    #expect(found.count == everybody.count, "each once")
                }
            }
            let onB = try await reader.places(PresenceFilter(room: "lobby", node: "b"), limit: 100)
            #expect(onB.users.count == 60 && onB.after == nil)
            #expect(try await reader.places(PresenceFilter(), after: "nonsense", limit: 5).users.count == 5)
        }
    }

    @Test func aUserIsFoundByNameInAllRooms() async throws {
        try await withRedis { redis, reader in
            let now = try await reader.time()
            _ = try await redis.send(["ZADD", "t:{nodes}", RedisArgument(now + 60_000), "a-1"])
            _ = try await redis.send(["SET", "t:name:{ann}", "u-1"])
            let json = #"{"name":"Ann","status":"busy","since":5,"sessions":2}"#
            for key in ["t:node:{a-1}:users", "t:room:{lobby}:here:a-1", "t:room:{tea}:here:a-1"] {
                _ = try await redis.send(["HSET", RedisArgument(key), "u-1", RedisArgument(json)])
            }
            for (room, word) in [("lobby", "joined 5"), ("tea", "joined 6"), ("left", "left 7"), ("empty", "joined 8")]
            {
                _ = try await redis.send(["HSET", "t:user:{u-1}:rooms", RedisArgument(room), RedisArgument(word)])
            }
            let all = try await reader.places(PresenceFilter(user: "ANN"), limit: 10)
            #expect(all.users.map(\.room) == ["lobby", "tea"])
            #expect(all.users.allSatisfy { $0.id == "u-1" && $0.status == "busy" && $0.sessions == 2 })
            #expect(try await reader.places(PresenceFilter(room: "tea", user: "u-1"), limit: 10).users.count == 1)
            #expect(try await reader.places(PresenceFilter(user: "bob"), limit: 10).users.isEmpty)
            _ = try await redis.send(["DEL", "t:user:{u-1}:rooms"])
            #expect(try await reader.places(PresenceFilter(user: "u-1"), limit: 10).users.map(\.room) == [nil])
        }
    }

    @Test func roomsAndNumbers() async throws {
        try await withRedis { redis, reader in
            let now = try await reader.time()
            for node in ["a-1", "b-2"] {
                _ = try await redis.send(["ZADD", "t:{nodes}", RedisArgument(now + 60_000), RedisArgument(node)])
                _ = try await redis.send([
                    "HSET", RedisArgument("t:node:{\(node)}"), "sessions", 3, "entries", 10, "deliveries", 40,
                    "entryRate", "1.5", "deliveryRate", "20.0",
                ])
            }
            _ = try await redis.send(["ZADD", "t:{nodes}", RedisArgument(now - 1), "dead-3"])
            _ = try await redis.send(["HSET", "t:node:{dead-3}", "sessions", 99, "entryRate", "7"])
            for room in ["beer", "lobby", "tea"] {
                _ = try await redis.send(["ZADD", "t:rooms", 0, RedisArgument(room)])
            }
            _ = try await redis.send(["HSET", "t:room:{lobby}:meta", "offset", 7, "at", 99])
            _ = try await redis.send(["HSET", "t:room:{lobby}:settings", "topic", "all"])
            _ = try await redis.send(["SADD", "t:room:{lobby}:nodes", "a-1"])
            _ = try await redis.send(["HSET", "t:room:{lobby}:here:a-1", "u", "{}"])
            _ = try await redis.send(["ZADD", "t:online", 0, "u"])

            let first = try await reader.rooms(limit: 2)
            #expect(first.rooms.map(\.room) == ["beer", "lobby"] && first.after == "lobby" && first.count == 3)
            #expect(
                first.rooms.last
                    == RoomsReport.RoomLine(room: "lobby", topic: "all", members: 1, nodes: 1, offset: 7, lastAt: 99))
            let rest = try await reader.rooms(after: first.after, limit: 2)
            #expect(rest.rooms.map(\.room) == ["tea"] && rest.after == nil && rest.rooms.first?.lastAt == nil)

            let numbers = try await reader.statistics()
            #expect(numbers.nodes == 2 && numbers.sessions == 6 && numbers.users == 1 && numbers.rooms == 3)
            #expect(numbers.entries == 20 && numbers.deliveries == 80)
            #expect(numbers.entryRate == 3 && numbers.deliveryRate == 40)
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
        let missing = try await MartletProgram.run(["presence", "--node", "nope", "--data", directory.path])
        #expect(missing.output == "no node nope; `martlet nodes` lists them\n")
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
