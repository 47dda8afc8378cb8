import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct AppendTests {
    @Test func offsetsCountFromOneAndEntriesAreStoredAsSent() async throws {
        try await withStores { stores in
            let lobby = try room()
            let first = try await stores.append("one", to: lobby)
            let second = try await stores.append("zwei ü", to: lobby)

            #expect(first.position.offset == 1 && second.position.offset == 2)
            #expect(first.position.epoch == second.position.epoch && !first.position.epoch.isEmpty)
            #expect(second.position.at >= first.position.at && first.position.at > 1_600_000_000_000)
            #expect(!first.isRepeat && !second.isRepeat)

            let position = second.position
            let expected =
                #"{"offset":2,"epoch":"\#(position.epoch)","at":\#(position.at),"type":"message","text":"zwei ü"}"#
            let page = try await stores.latest(lobby)
            #expect(page.head == position)
            #expect(page.entries.last?.text == expected)
            let stored = try await stores.send("XRANGE", "t:room:{lobby}:log", "2-0", "2-0").array?.first?.array
            #expect(stored?.first?.string == "2-0")
            #expect(stored?.last?.array?.compactMap(\.string) == ["entry", expected])
        }
    }

    @Test func everyoneGetsTheEntryOnTheRoomsChannel() async throws {
        try await withStores { stores in
            let lobby = try room()
            try await stores.wait { $0.subscriber.subscribe("t:room:{lobby}") }
            try await stores.append("hello", to: lobby)
            try await eventually("the entry was published") { try await stores { $0.heard.count } == 1 }
            let entry = try await stores.latest(lobby).entries.first?.text ?? ""
            #expect(try await stores { $0.heard } == ["t:room:{lobby} \(entry)"])
        }
    }

    @Test func aDirectRoomHasNoChannel() async throws {
        try await withStores { stores in
            let direct = try room("dm:u1:u2")
            try await stores.wait { $0.subscriber.patternSubscribe("*") }
            try await stores.append("psst", to: direct)
            try await stores.append("marker", to: try room())
            try await eventually("the marker was published") { try await !stores { $0.heard.isEmpty } }
            #expect(try await stores { $0.heard.count } == 1)
            #expect(try await stores.latest(direct).entries.count == 1)
        }
    }

    @Test func aRepeatedKeyGetsWhatTheFirstOneGot() async throws {
        try await withRedisServer { server in
            try await withStores(server, node: "a-1") { one in
                try await withStores(server, node: "b-1") { other in
                    let lobby = try room()
                    let first = try await one.append("once", to: lobby, key: "k1")
                    try await one.append("between", to: lobby)
                    let again = try await other.append("once", to: lobby, key: "k1")
                    #expect(again == Appended(position: first.position, isRepeat: true))

                    // A key belongs to its user and its room.
                    let others = try await other.append("mine", to: lobby, by: "u2", key: "k1")
                    let elsewhere = try await other.append("there", to: try room("garden"), key: "k1")
                    #expect(!others.isRepeat && !elsewhere.isRepeat)
                    #expect(try await one.latest(lobby).entries.map(\.offset) == [1, 2, 3])
                }
            }
        }
    }

    @Test func aKeyIsRememberedForAWhileOnly() async throws {
        try await withStores { stores in
            let lobby = try room()
            try await stores.append("once", to: lobby, key: "k1")
            let key = "t:room:{lobby}:key:u1:k1"
            let left = try await stores.send("PTTL", .init(key)).int ?? 0
            #expect((1...600_000).contains(left))
            try await stores.send("DEL", .init(key))
            #expect(try await !stores.append("once", to: lobby, key: "k1").isRepeat)
        }
    }

    @Test func anAnswerToAnEntryBeyondTheHeadIsNotStored() async throws {
        try await withStores { stores in
            let lobby = try room()
            try await stores.append("1", to: lobby)
            var request = AppendRequest(room: lobby, author: try user(), body: body("2"), key: "k", known: nil)
            request.replyTo = 2
            let dangling = request
            guard case StoreError.noSuchEntry? = await stores.failure({ $0.append(dangling) }) else {
                Issue.record("not refused")
                return
            }
            #expect(try await stores.latest(lobby).head.offset == 1)
            request.replyTo = 1
            let answer = request
            let appended = try await stores.wait { $0.append(answer) }
            #expect(appended.position.offset == 2 && !appended.isRepeat)
        }
    }

    @Test func concurrentAppendsOfManyNodesGiveOneOrder() async throws {
        try await withRedisServer { server in
            let lobby = try room()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<4 {
                    group.addTask {
                        try await withStores(server, node: "n-\(index)") { stores in
                            var last: UInt64 = 0
                            for number in 0..<50 {
                                let offset = try await stores.append("\(index)-\(number)", to: lobby).position.offset
                                #expect(offset > last)
                                last = offset
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await withStores(server) { stores in
                let page = try await stores.latest(lobby, limit: 1_000)
                #expect(page.entries.map(\.offset) == Array(1...200))
                #expect(zip(page.entries, page.entries.dropFirst()).allSatisfy { $0.at <= $1.at })
                #expect(page.entries.allSatisfy { EntryHeader($0.json)?.position.epoch == page.head.epoch })
            }
        }
    }

    @Test func callsOfOneLoopReachRedisInTheOrderMade() async throws {
        try await withStores { stores in
            let lobby = try room()
            let author = try user()
            let offsets = try await stores.wait { stores in
                EventLoopFuture.whenAllSucceed(
                    (0..<100).map { number in
                        stores.append(
                            AppendRequest(room: lobby, author: author, body: body("\(number)"), key: nil, known: nil)
                        )
                    },
                    on: stores.link.eventLoop
                )
            }.map(\.position.offset)
            #expect(offsets == Array(1...100))
        }
    }

    @Test func theLogKeepsTheRetentionAndKnowsItsFirst() async throws {
        var settings = RedisStoreSettings()
        settings.retention = 50
        try await withStores(settings: settings) { stores in
            let lobby = try room()
            for number in 1...333 {
                try await stores.append("\(number)", to: lobby)
                let page = try await stores.latest(lobby, limit: 1_000)
                #expect((min(50, number)...min(55, number)).contains(page.entries.count))
                let first = try await stores.text("HGET", "t:room:{lobby}:meta", "first")
                #expect(first == page.entries.first.map { String($0.offset) })
                #expect(page.entries.last?.offset == UInt64(number))
            }
        }
    }

    @Test func largeNumbersStayIntegers() async throws {
        try await withStores { stores in
            let lobby = try room()
            let offset = 9_007_199_254_740_000
            try await stores.send(
                "HSET", "t:room:{lobby}:meta", "epoch", "e", "offset", .init(offset), "at", .init(offset), "first", "1"
            )
            let appended = try await stores.append("far", to: lobby)
            #expect(appended.position == Position(epoch: "e", offset: UInt64(offset) + 1, at: Int64(offset)))
            let entry = try #require(try await stores.latest(lobby).entries.first)
            #expect(EntryHeader(entry.json)?.position == appended.position)
        }
    }
}
