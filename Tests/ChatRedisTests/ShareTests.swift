import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct ShareTests {
    @discardableResult
    private func write(
        _ stores: StoresOnLoop,
        here: [PresentUser] = [],
        gone: [PresentUser] = [],
        room: RoomName
    ) async throws -> [String] {
        try await stores { $0.heard = [] }
        let changes = ShareChanges(here: here, gone: gone)
        try await stores.wait { $0.presence.write(changes, room: room) }
        try await stores.send("PUBLISH", "t:room:{end}", "end")
        try await eventually("all was heard") { try await stores { $0.heard.last == "t:room:{end} end" } }
        return try await stores { $0.heard.dropLast() }
    }

    private func listen(_ stores: StoresOnLoop) async throws {
        try await stores.wait { $0.subscriber.patternSubscribe("t:*") }
    }

    private func notice(_ line: String?) throws -> ShareNotice {
        let line = try #require(line)
        #expect(line.hasPrefix(#"t:room:{lobby} {"type":"share","#))
        let json = try JSONValue.parse(ByteBuffer(string: String(line.dropFirst("t:room:{lobby} ".count))))
        return try #require(ShareNotice(json))
    }

    @Test func aShareIsWrittenAndPublished() async throws {
        try await withStores { stores in
            try await self.listen(stores)
            let lobby = try room()
            let ann = try present("u1", name: #"Ann "\,"since":"#, sessions: 2)
            let bob = try present("u2", name: "Bob ü", status: "away")
            let lines = try await self.write(stores, here: [ann, bob], room: lobby)

            let notice = try self.notice(lines.first)
            #expect(notice == ShareNotice(node: try node("n-1"), size: 2, changes: ShareChanges(here: [ann, bob])))
            let one = try await self.whole(stores, lobby)
            #expect(one.keys.map(\.string) == ["n-1"])
            #expect(one.values.first?.sorted { $0.id.string < $1.id.string } == [ann, bob])
            let stored = try await stores.text("HGET", "t:room:{lobby}:here:n-1", "u2")
            #expect(stored == #"{"name":"Bob ü","status":"away","since":7,"sessions":1}"#)
            #expect(try await stores.texts("SMEMBERS", "t:room:{lobby}:nodes") == ["n-1"])
            #expect(try await stores.texts("SMEMBERS", "t:node:{n-1}:rooms") == ["lobby"])
        }
    }

    /// Redis was emptied: the others must not take those for gone whom the node is about to write again.
    @Test func aShareThatRedisLostIsNoticed() async throws {
        try await withStores { stores in
            try await self.listen(stores)
            let lobby = try room()
            let (ann, bob) = (try present("u1", name: "ann"), try present("u2", name: "bob"))
            let changes = ShareChanges(here: [bob], size: 2)
            await #expect(throws: StoreError.self) {
                try await stores.wait { $0.presence.write(changes, room: lobby) }
            }
            try await eventually("the notice was heard") { try await !stores { $0.heard.isEmpty } }
            #expect(try self.notice(try await stores { $0.heard.first }).size == 2)
            try await stores.wait { $0.presence.write(ShareChanges(here: [ann, bob], size: 2), room: lobby) }
        }
    }

    @Test func operatorsGetOneLineForEachRealChange() async throws {
        try await withStores { stores in
            try await self.listen(stores)
            let lobby = try room()
            let lines = try await self.write(
                stores, here: [try present("u1", name: #"A "x""#), try present("u2")], room: lobby
            )
            #expect(lines.count == 3)
            let line = try #require(lines.dropFirst().first)
            #expect(line.hasPrefix(#"t:presence:{lobby} {"room":"lobby","user":"u1","name":"A \"x\"","node":"n-1","#))
            #expect(line.contains(#""event":"here","status":"online","at":"#))
            let parsed = try JSONValue.parse(ByteBuffer(string: String(line.dropFirst("t:presence:{lobby} ".count))))
            #expect(parsed["at"]?.integer ?? 0 > 1_600_000_000_000)

            // The same again, and another number of sessions: the nodes hear of it, the operators do not.
            #expect(try await self.write(stores, here: [try present("u2", sessions: 3)], room: lobby).count == 1)
            let away = try await self.write(stores, here: [try present("u2", status: "away")], room: lobby)
            #expect(away.count == 2 && away.last?.contains(#""event":"status","status":"away""#) == true)

            let gone = try await self.write(
                stores, gone: [try present("u2", name: ""), try present("u3", name: "")], room: lobby
            )
            #expect(gone.count == 2)
            #expect(
                gone.last?.contains(#""user":"u2","name":"u2","node":"n-1","event":"gone","status":"offline""#) == true)
            #expect(try self.notice(gone.first).size == 1)
            #expect(try self.notice(gone.first).changes.gone.map(\.id.string) == ["u2", "u3"])
        }
    }

    private func whole(_ stores: StoresOnLoop, _ room: RoomName) async throws -> [NodeID: [PresentUser]] {
        let shares = try await stores.wait { $0.presence.shares(of: room, upTo: 500) }
        guard case .whole(let users) = shares else { throw TestProblem("only sizes: \(shares)") }
        return users
    }

    @Test func anEmptyShareLeavesNothing() async throws {
        try await withStores { stores in
            try await self.listen(stores)
            let lobby = try room()
            let ann = try present("u1")
            try await self.write(stores, here: [ann], room: lobby)
            let lines = try await self.write(stores, gone: [ann], room: lobby)
            #expect(try self.notice(lines.first).size == 0)
            try await eventually("nothing is left") { try await stores.texts("KEYS", "*") == [] }
            #expect(try await self.whole(stores, lobby).isEmpty)
        }
    }

    @Test func aLaterWriteIsNotUndoneByAnEarlierOne() async throws {
        try await withStores { stores in
            let lobby = try room()
            let ann = try present("u1")
            try await stores.wait { $0.presence.write(ShareChanges(here: [ann]), room: lobby) }
            // The first of these empties the share; its answer comes when the second is on its way.
            try await stores.wait { stores in
                stores.presence.write(ShareChanges(gone: [ann]), room: lobby)
                    .and(stores.presence.write(ShareChanges(here: [ann]), room: lobby)).map { _ in }
            }
            try await stores.send("PING")
            #expect(try await stores.texts("SMEMBERS", "t:node:{n-1}:rooms") == ["lobby"])
            #expect(try await stores.texts("SMEMBERS", "t:room:{lobby}:nodes") == ["n-1"])
        }
    }

    @Test func sharesOfSeveralNodes() async throws {
        try await withRedisServer { server in
            try await withStores(server, node: "a-1") { one in
                try await withStores(server, node: "b-1") { other in
                    let lobby = try room()
                    let ann = try present("u1")
                    let bob = try present("u2")
                    try await one.wait { $0.presence.write(ShareChanges(here: [ann]), room: lobby) }
                    try await other.wait { $0.presence.write(ShareChanges(here: [ann, bob]), room: lobby) }
                    let shares = try await self.whole(one, lobby)
                    #expect(shares.mapValues(\.count) == [try node("a-1"): 1, try node("b-1"): 2])
                    let b = try node("b-1")
                    let share = try await one.wait { $0.presence.share(of: lobby, node: b) }
                    #expect(Set(share.map(\.id.string)) == ["u1", "u2"])
                }
            }
        }
    }

    @Test func aLargeShareIsWrittenAtOnce() async throws {
        try await withStores { stores in
            let lobby = try room()
            let users = try (0..<5_000).map { try present("u\($0)") }
            try await stores.wait { $0.presence.write(ShareChanges(here: users), room: lobby) }
            #expect(try await stores.send("HLEN", "t:room:{lobby}:here:n-1").int == 5_000)
        }
    }

    @Test func whatIsNotOursInAShareIsPassedOver() async throws {
        try await withStores { stores in
            let lobby = try room()
            try await stores.send("HSET", "t:room:{lobby}:here:n-1", "not an id", "{}", "u1", "no json", "u2", "{}")
            let share = try await stores.wait { $0.presence.share(of: lobby, node: $0.presence.node) }
            #expect(share.map(\.id.string) == ["u2"])
        }
    }

    @Test func ephemeralEventsReachTheTopic() async throws {
        try await withStores { stores in
            try await self.listen(stores)
            let lobby = try room()
            let ann = try user("u1")
            let hearers = try await stores.wait { stores in
                let typing = stores.presence.publish(ByteBuffer(string: #"{"type":"typing"}"#), to: .room(lobby))
                stores.presence.publish(ByteBuffer(string: #"{"type":"renamed"}"#), to: .user(ann))
                return typing
            }
            #expect(hearers == 1)
            try await eventually("both were heard") { try await stores { $0.heard.count } == 2 }
            #expect(
                try await stores { $0.heard } == [
                    #"t:room:{lobby} {"type":"typing"}"#, #"t:user:{u1} {"type":"renamed"}"#,
                ]
            )
        }
    }
}
