import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

/// Everyone online, over the nodes of a cluster that lives.
@Suite struct OnlineTests {
    /// All pages, one after the other.
    private func everyone(_ stores: StoresOnLoop, limit: Int) async throws -> [OnlinePage] {
        var pages: [OnlinePage] = []
        var cursor: String?
        repeat {
            let after = cursor
            let page = try await stores.wait { $0.directory.online(after: after, limit: limit) }
            #expect(page.users.count <= limit)
            pages.append(page)
            cursor = page.next
        } while cursor != nil && pages.count < 1_000
        return pages
    }

    /// The ids on one page that holds all, which is to say the same count.
    private func ids(_ stores: StoresOnLoop) async throws -> [String] {
        let page = try await stores.wait { $0.directory.online(after: nil, limit: 1_000) }
        #expect(page.count == page.users.count && page.next == nil)
        return page.users.map(\.id.string)
    }

    private func show(_ stores: StoresOnLoop, _ ids: [String]) async throws {
        let users = try ids.map { try present($0, name: "name of \($0)") }
        try await stores { stores in
            for user in users { stores.directory.show(user) }
        }
        try await stores.send("PING")
    }

    private func leave(_ stores: StoresOnLoop, _ id: String) async throws {
        let (id, name) = (try user(id), try name("name of \(id)"))
        try await stores { $0.directory.leave(id, name: name) }
    }

    private func withThreeNodes(_ body: (StoresOnLoop, StoresOnLoop, StoresOnLoop) async throws -> Void) async throws {
        try await withRedisServer { server in
            try await withStores(server, node: "a-1") { one in
                try await withStores(server, node: "b-1") { two in
                    try await withStores(server, node: "c-1") { three in try await body(one, two, three) }
                }
            }
        }
    }

    @Test(arguments: [0, 1, 2, 7, 8, 250], [1, 7, 100, 1_000])
    func everyoneIsListedPageByPage(size: Int, limit: Int) async throws {
        try await withStores { stores in
            let all = (0..<size).map { "u\($0)" }
            try await self.show(stores, all)
            let pages = try await self.everyone(stores, limit: limit)
            // Redis's order, by bytes: of these ids the same as Swift's.
            #expect(pages.flatMap { $0.users.map(\.id.string) } == all.sorted())
            #expect(pages.allSatisfy { $0.count == size })
            #expect(pages.count == max(1, (size + limit - 1) / limit))
            #expect(pages.flatMap(\.users).allSatisfy { $0.name == "name of \($0.id)" && $0.status == "online" })
        }
    }

    @Test func aUserOnThreeNodesCountsOnceUntilTheLastOneIsLeft() async throws {
        try await self.withThreeNodes { one, two, three in
            for stores in [one, two, three] { try await self.show(stores, ["ann"]) }
            try await self.show(two, ["bob"])
            for stores in [one, two, three] {
                #expect(try await self.ids(stores) == ["ann", "bob"])
                #expect(try await self.everyone(stores, limit: 1).map(\.count) == [2, 2])
            }
            for (stores, node) in [(one, "a-1"), (two, "b-1")] {
                try await self.leave(stores, "ann")
                try await eventually("the node's own list has her no more") {
                    try await stores.send("HEXISTS", .init("t:node:{\(node)}:users"), "ann").int == 0
                }
                #expect(try await self.ids(one) == ["ann", "bob"])
            }
            try await self.leave(three, "ann")
            try await eventually("she is online no more") { try await self.ids(one) == ["bob"] }
        }
    }

    @Test func whoIsBackBeforeTheAnswerStays() async throws {
        try await withStores { stores in
            let (ann, id, text) = (try present("ann"), try user("ann"), try name("ann"))
            try await stores { stores in
                stores.directory.show(ann)
                stores.directory.leave(id, name: text)
                stores.directory.show(ann)
            }
            // The script's answer, then what it would lead to.
            for _ in 0..<3 { try await stores.send("PING") }
            #expect(try await self.ids(stores) == ["ann"])
            #expect(try await stores.texts("HKEYS", "t:node:{n-1}:users") == ["ann"])
        }
    }

    /// One node is left and another one reached, again and again, in all orders that chance brings about.
    @Test func whoGoesFromNodeToNodeIsOnlineExactlyWhileOnOne() async throws {
        try await self.withThreeNodes { one, two, three in
            let ids = (0..<40).map { "u\($0)" }
            let users = try ids.map { (try present($0), try name($0)) }
            for round in 0..<12 {
                // Even users end on a node, odd ones on none.
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (index, stores) in [one, two, three].enumerated() {
                        group.addTask {
                            try await stores { stores in
                                for (number, (user, name)) in users.enumerated() {
                                    let isLast = (round + number / 2) % 3 == index
                                    if number.isMultiple(of: 2), isLast {
                                        stores.directory.show(user)
                                    } else {
                                        if (round + number) % 2 == 0 { stores.directory.show(user) }
                                        stores.directory.leave(user.id, name: name)
                                    }
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let expected = Set(stride(from: 0, to: 40, by: 2).map { "u\($0)" })
                try await eventually("the list is what the nodes have") {
                    try await Set(self.ids(one)) == expected
                }
            }
        }
    }

    @Test func keepingHealsWhatAnEmptiedRedisLost() async throws {
        try await withStores { stores in
            let all = (0..<450).map { "u\($0)" }
            try await self.show(stores, all + ["gone"])
            try await self.leave(stores, "gone")
            let names = try (all + ["gone"]).map { (try user($0), try name("name of \($0)")) }
            try await stores.send("FLUSHALL")
            #expect(try await self.ids(stores).isEmpty)
            try await stores { $0.directory.keep(names) }
            try await eventually("everyone is back") { try await self.ids(stores).count == 450 }
            #expect(try await Set(self.ids(stores)) == Set(all))
        }
    }

    @Test func whoLeftWhileRedisWasAwayGoesLater() async throws {
        try await self.withThreeNodes { one, two, _ in
            let many = (0..<450).map { "u\($0)" }
            try await self.show(one, ["bob", "eve"] + many)
            try await self.show(two, ["bob"])
            try await one { $0.link.reconnect(reason: "test") }
            for id in ["bob"] + many { try await self.leave(one, id) }
            try await one.wait { $0.link.whenReady(within: .seconds(20)) }
            let eve = [(try user("eve"), try name("name of eve"))]
            try await eventually("only those are online who are") {
                try await one { $0.directory.keep(eve) }
                return try await self.ids(two) == ["bob", "eve"]
            }
            try await eventually("the node's own list has the one who is here") {
                try await one.texts("HKEYS", "t:node:{a-1}:users") == ["eve"]
            }
        }
    }

    @Test func aUserWithoutAProfileIsShownUnderTheId() async throws {
        try await withStores { stores in
            try await self.show(stores, ["u1", "u2", "u3"])
            try await stores.send("DEL", "t:user:{u1}:profile")
            try await stores.send("HSET", "t:user:{u2}:profile", "status", "away")
            let page = try await stores.wait { $0.directory.online(after: nil, limit: 10) }
            #expect(page.users.map(\.name) == ["u1", "name of u2", "name of u3"])
            #expect(page.users.map(\.status) == ["online", "away", "online"])
        }
    }

    @Test func whatIsNoUserIsPassedOver() async throws {
        try await withStores { stores in
            try await self.show(stores, ["a", "c"])
            try await stores.send("ZADD", "t:online", 0, "b ü", 0, "d d")
            let pages = try await self.everyone(stores, limit: 2)
            #expect(pages.flatMap { $0.users.map(\.id.string) } == ["a", "c"])
        }
    }

    @Test(arguments: ["", "/", "n-0/1/u", "u u", "ü", "-\u{0}", "[u", "+ ", String(repeating: "u", count: 41)])
    func aTextThatIsNoUsersIdGivesAnEmptyPage(cursor: String) async throws {
        try await withStores { stores in
            try await self.show(stores, ["u1"])
            let page = try await stores.wait { $0.directory.online(after: cursor, limit: 5) }
            #expect(page == OnlinePage(users: [], count: 0, next: nil))
        }
    }

    @Test func aCursorOfAUserWhoLeftGoesOnWithTheNext() async throws {
        try await withStores { stores in
            try await self.show(stores, ["a", "c"])
            let page = try await stores.wait { $0.directory.online(after: "b", limit: 5) }
            #expect(page.users.map(\.id.string) == ["c"] && page.count == 2 && page.next == nil)
            let end = try await stores.wait { $0.directory.online(after: "zzz", limit: 5) }
            #expect(end.users.isEmpty && end.count == 2 && end.next == nil)
        }
    }
}
