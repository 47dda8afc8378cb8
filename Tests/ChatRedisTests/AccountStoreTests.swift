import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct AccountStoreTests {
    private func account(_ id: String = "u-1", _ called: String = "Ann") throws -> Account {
        Account(user: try user(id), name: try name(called), password: "hash", generation: 1)
    }

    @Test func anAccountIsFoundByNameAndByUser() async throws {
        try await withStores { stores in
            let ann = try self.account()
            #expect(try await stores.wait { $0.accounts.create(ann) })
            let lower = try name("ann")
            #expect(try await stores.wait { $0.accounts.find(lower) } == ann)
            #expect(try await stores.wait { $0.accounts.find(ann.user) } == ann)
            let (bob, nobody) = (try name("bob"), try user("u-9"))
            #expect(try await stores.wait { $0.accounts.find(bob) } == nil)
            #expect(try await stores.wait { $0.accounts.find(nobody) } == nil)
        }
    }

    @Test func aNameIsHadOnce() async throws {
        try await withStores { stores in
            let (ann, other) = (try self.account(), try self.account("u-2", "ANN"))
            #expect(try await stores.wait { $0.accounts.create(ann) })
            #expect(try await !stores.wait { $0.accounts.create(other) })
            try await eventually("nothing is left of the second") {
                try await stores.send("EXISTS", "t:user:{u-2}:account").int == 0
            }
            // A guest gets a variation, and what a guest has an account cannot take.
            let (guest, called, free) = (try user("g-1"), try name("ann"), try self.account("u-3", "bob"))
            #expect(
                try await stores.wait { $0.directory.arrive(guest, name: called, former: nil) }.name.string == "ann-2")
            let bob = try name("bob")
            _ = try await stores.wait { $0.directory.arrive(guest, name: bob, former: nil) }
            #expect(try await !stores.wait { $0.accounts.create(free) })
            #expect(try await stores.wait { $0.accounts.find(bob) } == nil, "a guest's name is no account's")
        }
    }

    @Test func theNameStaysWhetherTheUserIsHereOrNot() async throws {
        try await withStores { stores in
            let ann = try self.account()
            _ = try await stores.wait { $0.accounts.create(ann) }
            let arrival = try await stores.wait { $0.directory.arrive(ann.user, name: ann.name, former: nil) }
            #expect(arrival.name == ann.name)
            #expect(try await stores.send("PTTL", "t:name:{ann}").int == -1)
            let other = try name("anna")
            #expect(try await stores.wait { $0.directory.rename(ann.user, from: ann.name, to: other) })
            try await stores { $0.directory.leave(ann.user, name: other) }
            try await eventually("the other name is free") { try await stores.send("EXISTS", "t:name:{anna}").int == 0 }
            #expect(try await stores.text("GET", "t:name:{ann}") == "u-1")
        }
    }

    @Test func endingSessionsIsToldToAllNodes() async throws {
        try await withStores { stores in
            let ann = try self.account()
            _ = try await stores.wait { $0.accounts.create(ann) }
            try await stores.wait { $0.subscriber.subscribe("t:user:{u-1}") }
            #expect(try await stores.wait { $0.accounts.endSessions(of: ann.user, password: nil) } == 2)
            #expect(try await stores.wait { $0.accounts.endSessions(of: ann.user, password: "new") } == 3)
            let found = try await stores.wait { $0.accounts.find(ann.user) }
            #expect(found?.password == "new" && found?.generation == 3)
            try await eventually("both were published") { try await stores { $0.heard.count } == 2 }
            #expect(try await stores { $0.heard }.last == #"t:user:{u-1} {"type":"loggedOut","generation":3}"#)
            let nobody = try user("u-9")
            #expect(try await stores.wait { $0.accounts.endSessions(of: nobody, password: "x") } == nil)
            #expect(try await stores.send("EXISTS", "t:user:{u-9}:account").int == 0)
        }
    }

    @Test func attemptsAreCountedOnAllNodesTogether() async throws {
        try await withRedisServer { server in
            try await withStores(server, node: "a-1") { one in
                try await withStores(server, node: "b-1") { other in
                    let attempt = Attempt(name: "login 192.0.2.1", burst: 4, interval: 600_000)
                    for stores in [one, other, one, other] {
                        #expect(try await stores.wait { $0.accounts.attempt(attempt) } == 0)
                    }
                    for stores in [one, other] {
                        let wait = try await stores.wait { $0.accounts.attempt(attempt) }
                        #expect((500_000...600_000).contains(wait))
                    }
                    let elsewhere = Attempt(name: "login 192.0.2.2", burst: 4, interval: 600_000)
                    #expect(try await one.wait { $0.accounts.attempt(elsewhere) } == 0)
                    try await one { $0.accounts.forgive(attempt) }
                    try await eventually("one was taken back") {
                        try await other.wait { $0.accounts.attempt(attempt) } == 0
                    }
                    #expect(try await one.wait { $0.accounts.attempt(attempt) } > 0)
                    let left = try await one.send("PTTL", "t:throttle:{login 192.0.2.1}").int ?? 0
                    #expect((1...2_400_000).contains(left), "what is counted is forgotten by itself")
                }
            }
        }
    }
}
