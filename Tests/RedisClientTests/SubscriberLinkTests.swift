import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct SubscriberLinkTests {
    @Test func messagesArriveInOrder() async throws {
        try await withRedisServer { server in
            try await withSubscriberLink(to: server.url) { link in
                try await link.wait { $0.link.subscribe("room") }
                try await withCommandLink(to: server.url) { publisher in
                    _ = try await publisher.wait { publisher in
                        let futures = (0..<1000).map { publisher.link.send(["PUBLISH", "room", RedisArgument($0)]) }
                        return EventLoopFuture.whenAllSucceed(futures, on: publisher.link.eventLoop)
                    }
                }
                try await eventually("all messages came") { try await link { $0.messages.count } == 1000 }
                #expect(try await link { $0.messages } == (0..<1000).map { "room \($0)" })
                let reads = try await link { $0.reads }
                #expect(reads > 0)
            }
        }
    }

    @Test func subscribesAndUnsubscribes() async throws {
        try await withRedisServer { server in
            try await withSubscriberLink(to: server.url) { link in
                try await link.wait { link in
                    let names = ["a", "b", "a", "\u{e9} x"]
                    let futures = names.map { link.link.subscribe($0) }
                    return EventLoopFuture.andAllSucceed(futures, on: link.link.eventLoop)
                }
                #expect(try await link { $0.link.subscriptionCount } == 3)
                #expect(try await link { $0.link.isSubscribed("a") })
                try await link.wait { $0.link.subscribe("a") }
                #expect(try await server.cli("PUBSUB", "NUMSUB", "a", "b") == ["a", "1", "b", "1"])
                try await link { $0.link.unsubscribe("a") }
                try await eventually("Redis knows") { try await server.cli("PUBSUB", "NUMSUB", "a") == ["a", "0"] }
                try await server.cli("PUBLISH", "a", "unwanted")
                try await server.cli("PUBLISH", "\u{e9} x", "wanted")
                try await eventually("it came") { try await link { $0.messages } == ["\u{e9} x wanted"] }
            }
        }
    }

    @Test func aWishThatChangesEndsInTheLastOne() async throws {
        try await withRedisServer { server in
            try await withSubscriberLink(to: server.url) { link in
                let abandoned = try await link { link in
                    let first = link.link.subscribe("a")
                    link.link.unsubscribe("a")
                    _ = link.link.subscribe("b")
                    link.link.unsubscribe("b")
                    return first
                }
                await #expect(throws: RedisError.self) { try await abandoned.get() }
                try await link.wait { $0.link.subscribe("b") }
                try await eventually("only b is left") { try await server.cli("PUBSUB", "CHANNELS") == ["b"] }
                try await eventually("a is forgotten") { try await link { $0.link.subscriptionCount } == 1 }
            }
        }
    }

    @Test func patterns() async throws {
        try await withRedisServer { server in
            try await withSubscriberLink(to: server.url) { link in
                try await link.wait { $0.link.patternSubscribe("p:*") }
                try await link.wait { $0.link.subscribe("p:1") }
                try await server.cli("PUBLISH", "p:1", "x")
                try await eventually("both came") {
                    try await link { $0.messages.sorted() } == ["p:* p:1 x", "p:1 x"]
                }
                try await link { $0.link.patternUnsubscribe("p:*") }
                try await eventually("Redis knows") { try await server.cli("PUBSUB", "NUMPAT") == ["0"] }
            }
        }
    }

    @Test func isBounded() async throws {
        try await withRedisServer { server in
            var configuration = quickConfiguration()
            configuration.maxSubscriptions = 2
            try await withSubscriberLink(to: server.url, configuration: configuration) { link in
                try await link.wait { $0.link.subscribe("a") }
                try await link.wait { $0.link.subscribe("b") }
                await #expect(throws: RedisError.full) { try await link.wait { $0.link.subscribe("c") } }
                try await link { $0.link.unsubscribe("a") }
                try await eventually("there is room") { try await link { $0.link.subscriptionCount } == 1 }
                try await link.wait { $0.link.subscribe("c") }
            }
        }
    }

    @Test func aForbiddenChannelIsRefusedAndTheLinkGoesOn() async throws {
        let options = ["--user", "alice", "on", ">pw", "~*", "&open*", "+@all"]
        try await withRedisServer(options) { server in
            try await withSubscriberLink(to: "unix://alice:pw@\(server.socketPath)") { link in
                await #expect(throws: RedisError.self) { try await link.wait { $0.link.subscribe("shut") } }
                try await link.wait { $0.link.subscribe("open") }
                #expect(try await link { $0.states } == [.ready])
                #expect(try await link { $0.link.subscriptionCount } == 1)
            }
        }
    }
}
