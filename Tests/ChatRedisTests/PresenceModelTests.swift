import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

/// Random joins, leaves, deaths and restarts against a model: what Redis holds, and what somebody knows who heard only the
/// notices, never drift from who is there.
@Suite struct PresenceModelTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func countsNeverDrift(seed: UInt64) async throws {
        try await withRedisServer { server in
            var settings = RedisStoreSettings()
            // Nobody cleans up until its own lease has been good for so long; and it must not end while the machine is busy.
            settings.lease = .seconds(5)
            settings.cleanerBatch = 5
            try await withStores(server, node: "keeper-1", settings: settings) { keeper in
                try await keeper.wait { $0.subscriber.patternSubscribe("t:room:*") }
                var run = PresenceRun(
                    room: try room(), viewer: RoomPresence(node: try node("viewer-1")),
                    random: SeededGenerator(seed: seed))
                for life in 1...5 {
                    var short = settings
                    short.lease = .milliseconds(1)
                    try await withStores(server, node: "short\(life)-1", settings: short) { stores in
                        let vitals = NodeVitals(sessions: 0, users: 0, rooms: 0)
                        try await stores.wait { $0.presence.heartbeat(vitals) }
                        for _ in 0..<25 {
                            try await keeper.wait { $0.presence.heartbeat(vitals) }
                            try await run.step("keeper-1", keeper)
                            try await run.step("short\(life)-1", stores)
                        }
                        try await run.check(keeper)
                    }
                    // It died, with whoever was on it; the next life is another node.
                    run.shares["short\(life)-1"] = nil
                    try await eventually("the dead node is cleaned up after") {
                        let vitals = NodeVitals(sessions: 0, users: 0, rooms: 0)
                        let beat = try await keeper.wait { $0.presence.heartbeat(vitals) }
                        for node in beat.dead { try await keeper.wait { $0.presence.cleanUp(after: node) } }
                        return try await keeper.texts("KEYS", "*short\(life)-1*").isEmpty
                    }
                    try await run.check(keeper)
                }
            }
        }
    }
}

private struct PresenceRun {
    let room: RoomName
    /// Fed by the notices alone.
    var viewer: RoomPresence
    var random: SeededGenerator
    /// Who is on each node.
    var shares: [String: Set<String>] = [:]
    private var read = 0

    init(room: RoomName, viewer: RoomPresence, random: SeededGenerator) {
        self.room = room
        self.viewer = viewer
        self.random = random
    }

    /// A few people come to a node or leave it. Some come who are there, and some leave who are not: that changes nothing.
    mutating func step(_ node: String, _ stores: StoresOnLoop) async throws {
        var changes = ShareChanges()
        for _ in 0..<Int.random(in: 1...3, using: &self.random) {
            let id = "u\(Int.random(in: 0..<12, using: &self.random))"
            guard !(changes.here + changes.gone).contains(where: { $0.id.string == id }) else { continue }
            if self.random.oneIn(2) {
                changes.here.append(try present(id))
                self.shares[node, default: []].insert(id)
            } else {
                changes.gone.append(try present(id))
                self.shares[node]?.remove(id)
            }
        }
        changes.size = self.shares[node]?.count ?? 0
        let (room, written) = (self.room, changes)
        try await stores.wait { $0.presence.write(written, room: room) }
    }

    mutating func check(_ stores: StoresOnLoop) async throws {
        let room = self.room
        let expected = self.shares.filter { !$0.value.isEmpty }
        let shares = try await stores.wait { $0.presence.shares(of: room, upTo: 1_000) }
        guard case .whole(let held) = shares else {
            Issue.record("the room is not large: \(shares)")
            return
        }
        var found: [String: Set<String>] = [:]
        for (node, users) in held { found[node.string] = Set(users.map { $0.id.string }) }
        #expect(found == expected)

        try await stores.send("PUBLISH", "t:room:{lobby}", "end \(self.read)")
        let end = "t:room:{lobby} end \(self.read)"
        try await eventually("all was heard") { try await stores { $0.heard.last } == end }
        let heard = try await stores { $0.heard }
        for line in heard[self.read...] where line.hasPrefix("t:room:{lobby} {") {
            let json = try JSONValue.parse(ByteBuffer(string: String(line.dropFirst("t:room:{lobby} ".count))))
            guard let notice = ShareNotice(json) else { continue }
            let isComplete = self.viewer.apply(notice)
            #expect(isComplete, "a notice was missed: \(line)")
        }
        self.read = heard.count
        #expect(self.viewer.count == Set(expected.values.joined()).count)
    }
}
