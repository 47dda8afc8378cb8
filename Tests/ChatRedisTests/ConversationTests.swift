import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct ConversationTests {
    private typealias Conversation = ConversationList.Conversation

    @Test func theConversationWithTheLatestActivityComesFirst() async throws {
        try await withStores { stores in
            for name in ["a", "b", "c"] {
                _ = try await stores.wait { [room = try room(name)] in $0.conversations.come(to: room, by: .ann) }
            }
            try await stores.entry("1", by: "u2", in: "b")
            try await stores.nextMillisecond()
            try await stores.direct("2", from: "u2", to: "u1")
            try await stores.nextMillisecond()
            try await stores.entry("3", by: "u2", in: "a")
            let rooms = try await stores.inbox().map(\.room.string)
            // In `c` nothing was said: it stands where the user came.
            #expect(rooms.prefix(2) == ["a", "dm:u1:u2"] && Set(rooms.suffix(2)) == ["b", "c"])
        }
    }

    @Test func pagesShowEachConversationOnce() async throws {
        try await withStores { stores in
            for number in 1...9 {
                _ = try await stores.wait { [room = try room("r\(number)")] in $0.conversations.come(to: room, by: .ann)
                }
                try await stores.direct("hi", from: "v\(number)", to: "u1")
            }
            var seen: [String] = []
            var cursor: String?
            repeat {
                let page = try await stores.wait { [cursor] in
                    $0.conversations.conversations(of: .ann, after: cursor, limit: 4)
                }
                #expect(page.conversations.count <= 4)
                seen += page.conversations.map(\.room.string)
                cursor = page.next
            } while cursor != nil
            #expect(seen.count == 18 && Set(seen).count == 18)
            let strange = try await stores.wait { $0.conversations.conversations(of: .ann, after: "x", limit: 4) }
            #expect(strange == ConversationsPage(conversations: [], next: nil))
        }
    }

    @Test func onlyMessagesOfOthersBehindTheReadOffsetCount() async throws {
        try await withStores { stores in
            let lobby = try room()
            _ = try await stores.wait { $0.conversations.come(to: lobby, by: .ann) }
            try await stores.entry("old", by: "u2")
            try await stores.entry("read", by: "u2")
            #expect(try await stores.wait { $0.conversations.read(lobby, upTo: 2, by: .ann) } == .moved)
            try await stores.entry("own", by: "u1")
            try await stores.entry("new", by: "u2")
            try await stores.entry("with \\\"mentions\\\":[\\\"u1\\\"] in its text", by: "u2")
            try await stores.entry("for ann", by: "u2", mentions: ["u3", "u1"])
            try await stores.entry("for others", by: "u2", mentions: ["u11", "u2"])
            try await stores.entry("x", by: "u2", type: "edited")
            try await stores.entry("x", by: "u2", type: "reacted")
            let conversation = try #require(try await stores.inbox().first)
            #expect(conversation.unread == 4 && conversation.mentions == 1 && conversation.readOffset == 2)
            #expect(conversation.isJoined && !conversation.isApproximate)
            #expect(conversation.last.map { String(buffer: $0) }?.contains(#""type":"reacted""#) == true)

            // What was deleted is no longer unread.
            try await stores.send("XDEL", "t:room:{lobby}:log", "4-0")
            #expect(try await stores.inbox().first?.unread == 3)
            // Nor does a mention count of somebody who is blocked.
            _ = try await stores.wait { [bob = try user("u2")] in $0.profiles.setBlocked(true, bob, by: .ann) }
            #expect(try await stores.inbox().first?.mentions == 0)
        }
    }

    @Test func readingOnlyMovesForwardAndNotBeyondTheLog() async throws {
        try await withStores { stores in
            let lobby = try room()
            for _ in 0..<3 { try await stores.entry("x", by: "u2") }
            func read(_ offset: UInt64) async throws -> Reading {
                try await stores.wait { $0.conversations.read(lobby, upTo: offset, by: .ann) }
            }
            #expect(try await read(4) == .beyondHead)
            #expect(try await read(0) == .unchanged)
            #expect(try await read(2) == .moved)
            #expect(try await read(2) == .unchanged)
            #expect(try await read(1) == .unchanged)
            #expect(try await stores.text("HGET", "t:room:{lobby}:reads", "u1") == "2")
            #expect(try await stores.wait { $0.conversations.come(to: lobby, by: .ann) } == 2)

            // The log begins again: what was read of the former one says nothing.
            try await stores.send("DEL", "t:room:{lobby}:log", "t:room:{lobby}:meta")
            try await stores.entry("new", by: "u2")
            #expect(try await read(1) == .moved)
        }
    }

    @Test func aRoomThatWasLeftIsMarked() async throws {
        try await withStores { stores in
            let lobby = try room()
            _ = try await stores.wait { $0.conversations.come(to: lobby, by: .ann) }
            try await stores { $0.conversations.leave(lobby, by: .ann) }
            #expect(try await stores.inbox().map(\.isJoined) == [false])
            // Only what one was in can be left.
            try await stores { [other = try room("other")] in $0.conversations.leave(other, by: .ann) }
            #expect(try await stores.inbox().count == 1)
            _ = try await stores.wait { $0.conversations.come(to: lobby, by: .ann) }
            #expect(try await stores.inbox().map(\.isJoined) == [true])
        }
    }

    @Test func theOtherOneOfADirectRoomIsShown() async throws {
        try await withStores { stores in
            let bob = try user("u2")
            try await stores { [shown = try present("u2", name: "bob"), name = try name("bob")] in
                $0.directory.show(shown)
                $0.directory.leave(bob, name: name)
            }
            try await eventually("bob was here") { try await stores.wait { $0.directory.name(of: bob) } == "bob" }
            try await stores.direct("hi", from: "u2", to: "u1")
            #expect(try await stores.inbox().first?.user == Member(id: bob, name: "bob", status: "offline"))
            try await stores { [bob = try present("u2", name: "bob")] in $0.directory.show(bob) }
            try await eventually("bob is online") { try await stores.inbox().first?.user?.status == "online" }
        }
    }

    @Test func whatIsKeptIsBounded() async throws {
        var settings = RedisStoreSettings()
        (settings.visitedRooms, settings.readers, settings.countedEntries, settings.blockedUsers) = (3, 5, 4, 2)
        try await withStores(settings: settings) { stores in
            for number in 1...5 {
                _ = try await stores.wait { [room = try room("r\(number)")] in $0.conversations.come(to: room, by: .ann)
                }
            }
            #expect(try await Set(stores.texts("HKEYS", "t:user:{u1}:rooms")) == ["r3", "r4", "r5"])

            let lobby = try room("r5")
            for _ in 0..<9 { try await stores.entry("x", by: "u2", in: "r5") }
            for number in 1...9 {
                let reader = try user("v\(number)")
                _ = try await stores.wait { $0.conversations.read(lobby, upTo: UInt64(number), by: reader) }
            }
            #expect(try await stores.texts("HKEYS", "t:room:{r5}:reads").sorted() == ["v5", "v6", "v7", "v8", "v9"])

            let conversation = try #require(try await stores.inbox().first { $0.room == lobby })
            #expect(conversation.unread == 4 && conversation.isApproximate)

            for (other, isTaken) in [("v1", true), ("v2", true), ("v3", false), ("v2", true)] {
                let other = try user(other)
                #expect(try await stores.wait { $0.profiles.setBlocked(true, other, by: .ann) } == isTaken)
            }
        }
    }
}

extension UserID {
    fileprivate static let ann = UserID("u1") ?? .randomGuest()
}

extension StoresOnLoop {
    /// Appends an entry as nodes encode them.
    fileprivate func entry(
        _ text: String, by author: String, in name: String = "lobby", type: String = "message", mentions: [String] = []
    ) async throws {
        let list = mentions.map { #""\#($0)""# }.joined(separator: ",")
        let suffix = mentions.isEmpty ? "" : #","mentions":[\#(list)]"#
        let body = """
            "type":"\(type)","room":"\(name)","from":{"id":"\(author)","name":"x"},"text":"\(text)"\(suffix)}
            """
        let request = AppendRequest(
            room: try room(name), author: try user(author), body: ByteBuffer(string: body), key: nil, known: nil
        )
        _ = try await wait { $0.append(request) }
    }

    fileprivate func direct(_ text: String, from author: String, to other: String) async throws {
        let (from, to) = (try user(author), try user(other))
        let room = try #require(RoomName.direct(from, to))
        try await entry(text, by: author, in: room.string)
        let entry = try #require(try await latest(room, limit: 1).entries.last)
        for user in [from, to] { try await wait { $0.log.notify(user, of: entry, in: room) } }
    }

    /// Returns when Redis's clock shows another millisecond: what happened within one is sorted by name.
    fileprivate func nextMillisecond() async throws {
        func now() async throws -> Int64 {
            let time = try await texts("TIME").compactMap { Int64($0) }
            try #require(time.count == 2)
            return time[0] * 1_000 + time[1] / 1_000
        }
        let start = try await now()
        try await eventually("Redis's clock goes on") { try await now() > start }
    }

    fileprivate func inbox() async throws -> [ConversationList.Conversation] {
        try await wait { $0.conversations.conversations(of: .ann, after: nil, limit: 100) }.conversations
    }
}
