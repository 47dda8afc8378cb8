import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct ProfileTests {
    @Test func aStatusIsKeptAndEveryNodeHearsOfIt() async throws {
        try await withStores { stores in
            let ann = try user("u1")
            try await stores.wait { $0.subscriber.subscribe("t:user:{u1}") }
            #expect(try await stores.wait { $0.profiles.profile(of: ann) } == Profile())
            let busy = UserStatus(.busy, text: #"a "quoted" line"#)
            try await stores.wait { $0.profiles.setStatus(busy, of: ann) }
            #expect(try await stores.wait { $0.profiles.profile(of: ann) }.status == busy)
            try await eventually("the change is told") { try await stores { $0.heard.count } == 1 }
            #expect(try await stores { $0.heard } == [#"t:user:{u1} {"type":"profile"}"#])

            try await stores.wait { $0.profiles.setStatus(UserStatus(.away), of: ann) }
            #expect(try await stores.wait { $0.profiles.profile(of: ann) }.status == UserStatus(.away))
        }
    }

    @Test func whatAGuestSetsIsForgottenWithTheGuest() async throws {
        try await withStores { stores in
            let (guest, account) = (try user("g-1"), try user("u1"))
            for id in [guest, account] { try await stores.wait { $0.profiles.setStatus(UserStatus(.busy), of: id) } }
            #expect(try await stores.send("PTTL", "t:user:{u1}:profile").int == -1)
            let left = try await stores.send("PTTL", "t:user:{g-1}:profile").int ?? 0
            #expect(left > 29 * 24 * 3_600_000)
        }
    }

    @Test func aStatusLastsUntilTheUserIsOnNoNode() async throws {
        try await withStores { stores in
            let ann = try user("u1")
            let name = try #require(DisplayName("ann"))
            let busy = PresentUser(id: ann, name: "ann", status: "busy", statusText: "x", since: 1, sessions: 1)
            _ = try await stores.wait { $0.directory.arrive(ann, name: name, former: nil) }
            try await stores.wait { $0.profiles.setStatus(UserStatus(.busy, text: "x"), of: ann) }
            try await stores { $0.directory.show(busy) }
            try await stores { $0.directory.leave(ann, name: name) }
            try await eventually("the status is forgotten") {
                try await stores.wait { $0.profiles.profile(of: ann) } == Profile()
            }
            // A profile that was lost gets it back from the node that has the user.
            try await stores { $0.directory.show(busy) }
            try await eventually("the status is written again") {
                try await stores.wait { $0.profiles.profile(of: ann) }.status == UserStatus(.busy, text: "x")
            }
        }
    }
}
