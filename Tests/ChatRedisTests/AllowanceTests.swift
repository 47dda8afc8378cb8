import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct AllowanceTests {
    /// What two nodes count is one account.
    @Test func nodesCountTogether() async throws {
        try await withRedisServer { server in
            try await withStores(server, node: "a-1") { one in
                try await withStores(server, node: "b-1") { other in
                    let ann = try user("ann")
                    for (stores, amount) in [(one, 60), (other, 40)] {
                        #expect(
                            try await stores.wait {
                                $0.allowances.spend(amount, of: .uploads, by: ann, isDone: false)
                            } == 0)
                    }
                    // Six seconds for each; what is refused does not count.
                    for _ in 0..<3 {
                        let wait = try await other.wait {
                            $0.allowances.spend(10, of: .uploads, by: ann, isDone: false)
                        }
                        #expect((50_000...60_000).contains(wait))
                    }
                    let bob = try user("bob")
                    #expect(try await one.wait { $0.allowances.spend(100, of: .uploads, by: bob, isDone: false) } == 0)
                }
            }
        }
    }

    @Test func whatHasHappenedCountsInAnyCase() async throws {
        try await withStores { stores in
            let ann = try user("ann")
            var waits: [Int64] = []
            // Two and a half seconds for each; 400 at once.
            for amount in [400, 40, 40, 1_000_000] {
                waits.append(
                    try await stores.wait { $0.allowances.spend(amount, of: .frames, by: ann, isDone: true) })
            }
            #expect(waits[0] == 0)
            #expect((90_000...100_000).contains(waits[1]) && (190_000...200_000).contains(waits[2]))
            // However much it was, it is over after twice the period at the latest.
            #expect(waits[3] == 1_000_000)
            let left = try await stores.send("PTTL", "t:throttle:{frames ann}").int ?? 0
            #expect((1_900_000...2_000_000).contains(left), "what is counted is forgotten by itself")
        }
    }

    @Test func whatHasNoLimitIsNotCounted() async throws {
        try await withStores { stores in
            let ann = try user("ann")
            for spending in [Spending.joins, .strangers] {
                #expect(try await stores.wait { $0.allowances.spend(9_999, of: spending, by: ann, isDone: true) } == 0)
            }
            #expect(try await stores.send("EXISTS", "t:throttle:{joins ann}", "t:throttle:{strangers ann}").int == 0)
        }
    }

    /// One who has written to somebody may be answered by them.
    @Test func whoHasWrittenIsNoStranger() async throws {
        try await withStores { stores in
            let (ann, bob) = (try user("ann"), try user("bob"))
            for id in [ann, bob] {
                let shown = try present(id.string, name: id.string)
                try await stores { $0.directory.show(shown) }
            }
            try await eventually("both are known") {
                try await stores.send("EXISTS", "t:user:{ann}:profile", "t:user:{bob}:profile").int == 2
            }
            #expect(try await stores.wait { $0.profiles.recipient(bob, from: ann) } == .stranger)
            try await stores { $0.profiles.noteContact(from: ann, to: bob) }
            try await eventually("it is noted") {
                try await stores.wait { $0.profiles.recipient(ann, from: bob) } == .known
            }
            #expect(try await stores.wait { $0.profiles.recipient(bob, from: ann) } == .stranger)
            #expect(try await stores.send("PTTL", "t:user:{ann}:contacts").int == -1)
            let guest = try user("g-1")
            try await stores { $0.profiles.noteContact(from: guest, to: bob) }
            try await eventually("a guest is forgotten after a while") {
                (try await stores.send("PTTL", "t:user:{g-1}:contacts").int ?? 0) > 0
            }
        }
    }
}
