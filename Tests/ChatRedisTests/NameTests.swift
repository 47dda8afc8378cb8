import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct NameTests {
    private func arrive(
        _ stores: StoresOnLoop,
        _ id: String,
        _ wanted: String,
        former: String? = nil
    ) async throws -> String {
        let (id, wanted, former) = (try user(id), try name(wanted), try former.map { try name($0) })
        return try await stores.wait { $0.directory.arrive(id, name: wanted, former: former) }.name.string
    }

    private func rename(_ stores: StoresOnLoop, _ id: String, _ former: String, _ wanted: String) async throws -> Bool {
        let (id, wanted, former) = (try user(id), try name(wanted), try name(former))
        return try await stores.wait { $0.directory.rename(id, from: former, to: wanted) }
    }

    private func owner(_ stores: StoresOnLoop, _ text: String) async throws -> String? {
        let name = try name(text)
        return try await stores.wait { $0.directory.user(named: name) }?.string
    }

    private func show(_ stores: StoresOnLoop, _ id: String, _ name: String) async throws {
        let shown = try present(id, name: name)
        try await stores { $0.directory.show(shown) }
    }

    private func leave(_ stores: StoresOnLoop, _ id: String, _ text: String) async throws {
        let (id, name) = (try user(id), try name(text))
        try await stores { $0.directory.leave(id, name: name) }
    }

    @Test func aFreeNameIsGivenExactlyAndATakenOneVaried() async throws {
        try await withStores { stores in
            #expect(try await self.arrive(stores, "u1", "Ann") == "Ann")
            #expect(try await self.arrive(stores, "u2", "ann") == "ann-2")
            #expect(try await self.arrive(stores, "u3", "ANN") == "ANN-3")
            // Asking again, and another way of writing one's own name.
            #expect(try await self.arrive(stores, "u1", "ann") == "ann")
            #expect(try await self.arrive(stores, "u2", "ann") == "ann-2")
            #expect(try await self.owner(stores, "aNN") == "u1")
            #expect(try await self.owner(stores, "nobody") == nil)
            let left = try await stores.send("PTTL", "t:name:{ann}").int ?? 0
            #expect((1...600_000).contains(left))
        }
    }

    @Test func arrivalSaysTheTimeByRedisClock() async throws {
        try await withStores { stores in
            let (ann, id) = (try name("Ann"), try user())
            let arrival = try await stores.wait { $0.directory.arrive(id, name: ann, former: nil) }
            let now = try await stores.texts("TIME").compactMap { Int64($0) }
            #expect((0...60_000).contains(now[0] * 1_000 + now[1] / 1_000 - arrival.at))
        }
    }

    @Test func ofManyWhoAskAtOnceEachGetsAnother() async throws {
        try await withRedisServer { server in
            try await withStores(server, node: "a-1") { one in
                try await withStores(server, node: "b-1") { other in
                    let wanted = try name("guest")
                    let users = try (0..<120).map { try user("u\($0)") }
                    var names: [String] = []
                    try await withThrowingTaskGroup(of: String.self) { group in
                        for (index, user) in users.enumerated() {
                            group.addTask {
                                try await (index.isMultiple(of: 2) ? one : other).wait {
                                    $0.directory.arrive(user, name: wanted, former: nil)
                                }.name.string
                            }
                        }
                        for try await name in group { names.append(name) }
                    }
                    #expect(Set(names).count == 120)
                    #expect(names.contains("guest") && names.contains("guest-2") && names.contains("guest-99"))
                    #expect(names.filter { $0.count > "guest-99".count }.count == 21)
                }
            }
        }
    }

    @Test func renamingIsExactAndFreesTheFormerName() async throws {
        try await withStores { stores in
            _ = try await self.arrive(stores, "u1", "ann")
            _ = try await self.arrive(stores, "u2", "bob")
            #expect(try await !self.rename(stores, "u2", "bob", "ANN"))
            #expect(try await self.owner(stores, "bob") == "u2")
            #expect(try await self.rename(stores, "u2", "bob", "bert"))
            try await eventually("the former name is free") { try await self.owner(stores, "bob") == nil }
            #expect(try await self.rename(stores, "u2", "bert", "Bert"))
            #expect(try await self.owner(stores, "bert") == "u2")
            let id = try user("u2")
            try await eventually("the profile has the name") {
                try await stores.wait { $0.directory.name(of: id) } == "Bert"
            }
            let stranger = try user("u9")
            #expect(try await stores.wait { $0.directory.name(of: stranger) } == nil)
        }
    }

    @Test func arrivingUnderAnotherNameFreesTheFormer() async throws {
        try await withStores { stores in
            _ = try await self.arrive(stores, "u1", "ann")
            #expect(try await self.arrive(stores, "u1", "eve", former: "ann") == "eve")
            try await eventually("the former name is free") { try await self.owner(stores, "ann") == nil }
        }
    }

    @Test func leavingFreesTheNameUnlessTheUserIsElsewhere() async throws {
        try await withRedisServer { server in
            try await withStores(server, node: "a-1") { one in
                try await withStores(server, node: "b-1") { other in
                    for stores in [one, other] {
                        _ = try await self.arrive(stores, "u1", "ann")
                        try await self.show(stores, "u1", "ann")
                        try await stores.send("PING")
                    }
                    try await self.leave(one, "u1", "ann")
                    try await eventually("the list has it no more") {
                        try await one.send("HLEN", "t:node:{a-1}:users").int == 0
                    }
                    try await one.send("PING")
                    #expect(try await self.owner(one, "ann") == "u1")
                    try await self.leave(other, "u1", "ann")
                    try await eventually("the name is free") { try await self.owner(one, "ann") == nil }
                }
            }
        }
    }

    @Test func aSessionThatEndsWhileItArrivesTakesNothingFromTheUsersOthers() async throws {
        try await withRedisServer { server in
            // Two loops of one node: one keeps the list, sessions arrive on the other.
            try await withStores(server) { hub in
                try await withStores(server) { loop in
                    _ = try await self.arrive(hub, "u1", "ann")
                    try await self.show(hub, "u1", "ann")
                    try await hub.send("PING")
                    _ = try await self.arrive(loop, "u1", "ann")
                    try await self.leave(loop, "u1", "ann")
                    // The script's answer, then what it leads to.
                    try await loop.send("PING")
                    try await loop.send("PING")
                    #expect(try await self.owner(hub, "ann") == "u1")
                    #expect(try await hub.send("HLEN", "t:node:{n-1}:users").int == 1)
                    // A user who is nowhere else does leave the name.
                    _ = try await self.arrive(loop, "u2", "bob")
                    try await self.leave(loop, "u2", "bob")
                    try await eventually("the name is free") { try await self.owner(hub, "bob") == nil }
                }
            }
        }
    }

    @Test func leavingNeverFreesAnothersName() async throws {
        try await withStores { stores in
            _ = try await self.arrive(stores, "u1", "ann")
            try await stores.send("SET", "t:name:{ann}", "u2")
            try await self.leave(stores, "u1", "ann")
            try await stores.send("PING")
            try await stores.send("PING")
            #expect(try await self.owner(stores, "ann") == "u2")
        }
    }

    @Test func guestsProfilesAreForgottenSomeDay() async throws {
        try await withStores { stores in
            try await self.show(stores, "g-1", "ann")
            try await self.show(stores, "u1", "bob")
            try await eventually("profiles are written") {
                try await stores.send("EXISTS", "t:user:{g-1}:profile", "t:user:{u1}:profile").int == 2
            }
            let left = try await stores.send("PTTL", "t:user:{g-1}:profile").int ?? 0
            #expect((1...(30 * 86_400_000)).contains(left))
            #expect(try await stores.send("PTTL", "t:user:{u1}:profile").int == -1)
            let fields = try await stores.texts("HMGET", "t:user:{g-1}:profile", "name", "guest")
            #expect(fields == ["ann", "1"])
        }
    }

    @Test func keepingRestoresWhatAnEmptyRedisLost() async throws {
        try await withStores { stores in
            var names: [(UserID, DisplayName)] = []
            for number in 0..<450 {
                names.append((try user("u\(number)"), try name("name \(number)")))
                try await self.show(stores, "u\(number)", "name \(number)")
            }
            let gone = (try user("left"), try name("left"))
            try await stores.send("FLUSHALL")
            let all = names + [gone]
            let b = try node("b-1")
            try await stores {
                $0.directory.move(to: b)
                $0.directory.keep(all)
            }
            try await eventually("the list is whole") {
                try await stores.send("HLEN", "t:node:{b-1}:users").int == 450
            }
            #expect(try await stores.texts("KEYS", "t:name:*").count == 450)
            #expect(try await stores.texts("KEYS", "t:user:*:profile").count == 450)
            // Who was not shown, or has left, is not listed by keeping.
            #expect(try await self.owner(stores, "left") == nil)
        }
    }

    @Test func whoLeftWhileRedisWasAwayIsUnlistedLater() async throws {
        try await withRedisServer { server in
            try await withStores(server) { stores in
                try await self.show(stores, "u1", "ann")
                try await self.show(stores, "u2", "bob")
                #expect(try await stores.send("HLEN", "t:node:{n-1}:users").int == 2)
                try await stores.wait { stores in
                    stores.link.reconnect(reason: "test")
                    return stores.link.eventLoop.makeSucceededVoidFuture()
                }
                try await self.leave(stores, "u1", "ann")
                try await stores.wait { $0.link.whenReady(within: .seconds(20)) }
                let bob = [(try user("u2"), try name("bob"))]
                try await stores { $0.directory.keep(bob) }
                try await eventually("only the other is listed") {
                    try await stores.texts("HKEYS", "t:node:{n-1}:users") == ["u2"]
                }
            }
        }
    }
}
