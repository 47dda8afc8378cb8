import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

/// Random messages, edits, reactions, deletions and readings of users with several devices, against a model: what an inbox
/// counts is always what the model counts.
@Suite struct UnreadModelTests {
    @Test(arguments: [11, 12, 13, 14])
    func unreadCountsAreThoseOfTheModel(seed: UInt64) async throws {
        try await withRedisServer { server in
            // Two devices of everybody, on two nodes.
            try await withStores(server, node: "n-1") { first in
                try await withStores(server, node: "n-2") { second in
                    var run = UnreadRun(devices: [first, second], random: SplitMix(state: seed))
                    for _ in 0..<150 { try await run.step() }
                    try await run.check()
                }
            }
        }
    }
}

private struct UnreadRun {
    struct Entry {
        var author: String
        var isMessage: Bool
        var mentions: Set<String>
        var isDeleted = false
    }

    let devices: [StoresOnLoop]
    var random: SplitMix
    var logs: [String: [Entry]] = [:]
    var reads: [String: [String: Int]] = [:]
    var visited: [String: Set<String>] = [:]

    private let users = ["u1", "u2", "u3"]
    private let rooms = ["a", "b", "dm:u1:u2", "dm:u2:u3"]

    init(devices: [StoresOnLoop], random: SplitMix) {
        self.devices = devices
        self.random = random
    }

    private mutating func pick<T>(_ values: [T]) -> T { values[Int(self.random.below(values.count))] }

    private func mayUse(_ room: String, _ user: String) -> Bool { !room.hasPrefix("dm:") || room.contains(user) }

    mutating func step() async throws {
        let (user, room) = (self.pick(self.users), self.pick(self.rooms))
        guard self.mayUse(room, user) else { return }
        switch self.random.below(100) {
        case 0..<45: try await self.append(room, by: user)
        case 45..<55: try await self.delete(in: room)
        case 55..<80: try await self.read(room, by: user)
        case 80..<95: try await self.visit(room, by: user)
        default: try await self.check()
        }
    }

    private mutating func append(_ name: String, by user: String) async throws {
        let isMessage = self.random.below(4) != 0
        let mentions = isMessage ? self.users.filter { _ in self.random.below(4) == 0 } : []
        let list = mentions.map { #""\#($0)""# }.joined(separator: ",")
        let body = """
            "type":"\(isMessage ? "message" : "edited")","room":"\(name)","from":{"id":"\(user)","name":"x"},\
            "text":"t","mentions":[\(list)]}
            """
        let request = AppendRequest(
            room: try room(name), author: try ChatRedisTests.user(user), body: ByteBuffer(string: body), key: nil,
            known: nil
        )
        let device = self.pick(self.devices)
        let appended = try await device.wait { $0.append(request) }
        self.logs[name, default: []].append(Entry(author: user, isMessage: isMessage, mentions: Set(mentions)))
        guard let (first, second) = request.room.participants else { return }
        let entry = LogEntry(offset: appended.position.offset, at: appended.position.at, json: ByteBuffer(string: "{}"))
        for user in [first, second] { try await device.wait { $0.log.notify(user, of: entry, in: request.room) } }
    }

    private mutating func delete(in name: String) async throws {
        guard let count = self.logs[name]?.count, count > 0 else { return }
        let index = Int(self.random.below(count))
        try await self.pick(self.devices).send("XDEL", "t:room:{\(name)}:log", "\(index + 1)-0")
        self.logs[name]?[index].isDeleted = true
    }

    private mutating func read(_ name: String, by user: String) async throws {
        let count = self.logs[name]?.count ?? 0
        let offset = Int(self.random.below(count + 2))
        let former = self.reads[name]?[user] ?? 0
        let (room, id) = (try room(name), try ChatRedisTests.user(user))
        let reading = try await self.pick(self.devices).wait {
            $0.conversations.read(room, upTo: UInt64(offset), by: id)
        }
        #expect(reading == (offset > count ? .beyondHead : offset > former ? .moved : .unchanged))
        if reading == .moved { self.reads[name, default: [:]][user] = offset }
    }

    private mutating func visit(_ name: String, by user: String) async throws {
        let (room, id) = (try room(name), try ChatRedisTests.user(user))
        let offset = try await self.pick(self.devices).wait { $0.conversations.come(to: room, by: id) }
        #expect(offset.map(Int.init) == self.reads[name]?[user])
        if !room.isDirect { self.visited[user, default: []].insert(name) }
    }

    mutating func check() async throws {
        for user in self.users {
            let id = try ChatRedisTests.user(user)
            let inbox = try await self.pick(self.devices).wait {
                $0.conversations.conversations(of: id, after: nil, limit: 100)
            }.conversations
            let direct = self.rooms.filter { $0.hasPrefix("dm:") && $0.contains(user) && self.logs[$0] != nil }
            #expect(Set(inbox.map(\.room.string)) == self.visited[user, default: []].union(direct))
            for conversation in inbox {
                let name = conversation.room.string
                let read = self.reads[name]?[user] ?? 0
                let unread = (self.logs[name] ?? []).dropFirst(read)
                    .filter { $0.isMessage && !$0.isDeleted && $0.author != user }
                #expect(conversation.readOffset == UInt64(read))
                #expect(conversation.unread == unread.count, "\(user) in \(name)")
                #expect(conversation.mentions == unread.filter { $0.mentions.contains(user) }.count)
            }
        }
    }
}
