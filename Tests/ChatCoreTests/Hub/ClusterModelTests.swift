import ChatProtocol
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import ChatCore

/// Clients on two nodes with two loops each, stores whose answers are late, links that break: what the protocol
/// promises holds for every client at every moment, and all of it once everything has settled.
@Suite struct ClusterModelTests {
    @Test func everyClientSeesEveryEntryOnce() throws {
        var totals = (entries: 0, recoveries: 0)
        for seed in 0..<60 as Range<UInt64> {
            var run = try ClusterRun(seed: seed, losesEntries: false)
            try run.run(steps: 150)
            totals.entries += run.clients.reduce(0) { $0 + $1.entries }
            totals.recoveries += run.clients.reduce(0) { $0 + $1.recoveries }
            #expect(run.clients.allSatisfy { $0.resets == 0 }, "seed \(seed)")
        }
        let isEnough = totals.entries > 2_000 && totals.recoveries > 300
        #expect(isEnough, "the runs do too little: \(totals)")
    }

    @Test func aLogThatLosesEntriesIsResetAndNothingIsHidden() throws {
        var resets = 0
        for seed in 1_000..<1_060 as Range<UInt64> {
            var run = try ClusterRun(seed: seed, losesEntries: true)
            try run.run(steps: 150)
            resets += run.clients.reduce(0) { $0 + $1.resets }
        }
        #expect(resets > 50, "the runs do too little: \(resets)")
    }
}

private struct ClusterRun {
    private let seed: UInt64
    private let losesEntries: Bool
    private var random: SeededGenerator
    private let cluster = TestCluster()
    private let nodes: [TestNode]
    let clients: [ModelClient]
    private let rooms = ["a", "b", "c"]
    private var texts = 0

    init(seed: UInt64, losesEntries: Bool) throws {
        self.seed = seed
        self.losesEntries = losesEntries
        random = SeededGenerator(seed: seed)
        let settings = SessionLoop.Settings(
            limits: Limits(framesPerSecond: 0), gatherFrom: seed % 2 == 0 ? 1 : 256)
        let hub = RoomHub.Settings(recent: .init(entries: 6, bytes: 10_000))
        let cluster = cluster
        nodes = try ["n1", "n2"].map { try cluster.node($0, loops: 2, settings: settings, hub: hub) }
        // Two sessions of one user, too.
        clients = ["ann", "ann", "bob", "carl", "dora"].map { ModelClient(user: $0, mayFindPagesShort: losesEntries) }
    }

    mutating func run(steps: Int) throws {
        for (index, client) in clients.enumerated() {
            client.connect(nodes[index % 2], loop: index / 2 % 2)
            client.join(rooms[index % 3], history: 5)
        }
        for _ in 0..<steps {
            try step()
            for client in clients { client.read() }
            for client in clients where !client.problems.isEmpty {
                Issue.record("\(client.user), seed \(seed): \(client.problems)")
                return
            }
        }
        try settle()
    }

    private mutating func step() throws {
        let client = try #require(clients.randomElement(using: &random))
        let node = try #require(nodes.randomElement(using: &random))
        let room = try #require(rooms.randomElement(using: &random))
        switch Int.random(in: 0..<24, using: &random) {
        case 0: client.connect(node, loop: Int.random(in: 0...1, using: &random))
        case 1: if client.isConnected { client.disconnect() } else { client.connect(node, loop: 0) }
        case 2..<6: client.join(room, history: Int.random(in: 0...10, using: &random))
        case 6: client.leave(room)
        case 7..<13: send(client, room)
        case 13..<15: sendDirect(client)
        case 15: cluster.redis.say("outside", in: try #require(RoomName(room)))
        case 16:
            switch Int.random(in: 0..<3, using: &random) {
            case 0: node.store.hold(.open, .entries, .page)
            case 1: node.store.hold(.subscribe, .arrive)
            default: node.store.hold(.append)
            }
        case 17..<20: node.store.releaseOne(&random)
        case 20:
            if random.oneIn(2) { node.store.releaseAll() } else { cluster.eventLoop.advanceTime(by: .microseconds(1)) }
        case 21: node.tick(after: random.oneIn(2) ? .seconds(6) : .seconds(20))
        case 22:
            if !node.store.linkIsUp { node.store.restoreLink() } else if random.oneIn(2) { node.store.cutLink() }
        default: if losesEntries, random.oneIn(3) { try loseEntries(room) }
        }
        if random.oneIn(3) { cluster.run() }
    }

    private mutating func send(_ client: ModelClient, _ room: String) {
        texts += 1
        client.say("send", #""room":"\#(room)","text":"t\#(texts)""#)
    }

    private mutating func sendDirect(_ client: ModelClient) {
        guard let other = ["ann", "bob", "carl", "dora"].randomElement(using: &random), other != client.user else {
            return
        }
        texts += 1
        client.say("send", #""to":"\#(other)","text":"t\#(texts)""#)
    }

    /// A failover: the links break, and the log is shorter than it was.
    private mutating func loseEntries(_ room: String) throws {
        let name = try #require(RoomName(room))
        for node in nodes where node.store.linkIsUp { node.store.cutLink() }
        cluster.redis.rollBack(name, Int.random(in: 1...3, using: &random))
        for node in nodes { node.store.restoreLink() }
    }

    // MARK: The end

    private mutating func settle() throws {
        for node in nodes {
            if !node.store.linkIsUp { node.store.restoreLink() }
            node.store.releaseAll()
        }
        cluster.eventLoop.advanceTime(by: .seconds(5))
        // A node that has missed nothing learns of a renewed epoch with the next entry.
        for room in rooms { cluster.redis.say("the last", in: try #require(RoomName(room))) }
        cluster.run()
        for client in clients { client.read() }
        for client in clients {
            #expect(client.problems.isEmpty, "\(client.user), seed \(seed): \(client.problems)")
            guard client.isConnected else { continue }
            #expect(!client.awaitsAnswers, "\(client.user) waits for answers, seed \(seed)")
            for room in client.wanted {
                guard let name = RoomName(room), client.positions[room] != nil else { continue }
                #expect(
                    client.positions[room] == cluster.redis.log(name).head, "\(client.user) in \(room), seed \(seed)")
            }
            for (room, offsets) in client.direct {
                guard let name = RoomName(room), let first = offsets.first else { continue }
                let head = Int64(cluster.redis.log(name).head.offset)
                #expect(offsets == Array(first...max(first, head)), "\(client.user) in \(room), seed \(seed)")
            }
        }
        try leaveNothingBehind()
    }

    private mutating func leaveNothingBehind() throws {
        for client in clients { client.disconnect() }
        cluster.run()
        for seconds in [6, 30, 60] as [Int64] {
            for node in nodes { node.tick(after: .seconds(seconds)) }
        }
        for node in nodes {
            #expect(node.hub.users.isEmpty, "seed \(seed)")
            #expect(node.hub.rooms.isEmpty, "seed \(seed): \(node.hub.rooms.keys)")
            #expect(
                node.store.topics.subtracting([.echo(node.hub.node), .posts(node.hub.node)]).isEmpty, "seed \(seed)")
            for loop in node.loops {
                #expect(loop.rooms.isEmpty, "seed \(seed)")
                #expect(loop.users.isEmpty, "seed \(seed)")
                #expect(loop.sessions.isEmpty, "seed \(seed)")
            }
        }
        #expect(cluster.redis.shares.values.allSatisfy { $0.values.allSatisfy(\.isEmpty) }, "seed \(seed)")
    }
}
