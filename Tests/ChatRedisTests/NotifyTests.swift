import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct NotifyTests {
    @Test func aUserHearsOfItAndFindsItInTheInbox() async throws {
        try await withStores { stores in
            let direct = try room("dm:u1:u2")
            let recipient = try user("u2")
            try await stores.wait { $0.subscriber.subscribe("t:user:{u2}") }
            let position = try await stores.append("psst", to: direct).position
            let entry = try #require(try await stores.latest(direct).entries.first)
            try await stores.wait { $0.log.notify(recipient, of: entry, in: direct) }
            try await eventually("the user heard of it") { try await stores { $0.heard.count } == 1 }
            #expect(try await stores { $0.heard } == ["t:user:{u2} \(entry.text)"])
            #expect(try await stores.text("ZSCORE", "t:user:{u2}:inbox", "dm:u1:u2") == String(position.at))

            // Repeated, and late: the score never falls.
            var older = entry
            older.at -= 1_000
            let late = older
            try await stores.wait { $0.log.notify(recipient, of: late, in: direct) }
            #expect(try await stores.text("ZSCORE", "t:user:{u2}:inbox", "dm:u1:u2") == String(position.at))
        }
    }

    @Test func theInboxKeepsTheLatestConversations() async throws {
        var settings = RedisStoreSettings()
        settings.inboxConversations = 3
        try await withStores(settings: settings) { stores in
            let recipient = try user("z")
            for number in 1...5 {
                let direct = try room("dm:u\(number):z")
                let entry = LogEntry(offset: 1, at: Int64(number), json: ByteBuffer(string: "{}"))
                try await stores.wait { $0.log.notify(recipient, of: entry, in: direct) }
            }
            let kept = try await stores.texts("ZRANGE", "t:user:{z}:inbox", 0, -1)
            #expect(kept == ["dm:u3:z", "dm:u4:z", "dm:u5:z"])
        }
    }
}
