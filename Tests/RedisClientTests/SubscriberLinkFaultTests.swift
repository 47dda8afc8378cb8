import NIOCore
import RedisClient
import TestSupport
import Testing

/// What goes wrong between a subscriber link and its Redis.
@Suite struct SubscriberLinkFaultTests {
    private func subscribe(_ names: [String], on link: OnLoop<RecordedSubscriberLink>) async throws {
        try await link.wait { link in
            let futures = names.map { link.link.subscribe($0) }
            return EventLoopFuture.andAllSucceed(futures, on: link.link.eventLoop)
        }
    }

    @Test func everythingIsSubscribedAgainInBatches() async throws {
        try await withRedisServer { server in
            var configuration = quickConfiguration()
            configuration.subscribeBatchSize = 100
            try await withSubscriberLink(to: server.url, configuration: configuration) { link in
                let names = (0..<950).map { "room:\($0)" }
                try await subscribe(names, on: link)
                try await link.wait { $0.link.patternSubscribe("p:*") }
                try await server.cli("CLIENT", "KILL", "TYPE", "pubsub")
                try await eventually("all are back") {
                    try await link { $0.resubscribed.reduce(0) { $0 + $1.count } } == 950
                }
                let batches = try await link { $0.resubscribed }
                #expect(batches.count >= 10)
                #expect(batches.allSatisfy { $0.count <= 100 })
                #expect(batches.flatMap { $0 }.sorted() == names.sorted())
                try await eventually("the pattern is back") {
                    try await link { $0.patternsResubscribed } == [["p:*"]]
                }
                try await server.cli("PUBLISH", "room:949", "x")
                try await eventually("it came") { try await link { $0.messages } == ["room:949 x"] }
                #expect(try await link { $0.states } == [.ready, .connecting, .ready])
            }
        }
    }

    @Test func aRestartedServerGetsTheSubscriptions() async throws {
        try await withRedisServer { server in
            try await withSubscriberLink(to: server.url) { link in
                try await subscribe(["a", "b", "c"], on: link)
                server.kill()
                try await eventually("the link is down") { try await link { $0.link.state } == .connecting }
                // While it is down: what is asked is refused, what is given up is not asked for again.
                await #expect(throws: RedisError.self) { try await link.wait { $0.link.subscribe("d") } }
                try await link { $0.link.unsubscribe("b") }
                try await server.start()
                try await eventually("they are back") { try await link { $0.resubscribed.flatMap { $0 }.count } == 2 }
                #expect(try await server.cli("PUBSUB", "CHANNELS").sorted() == ["a", "c"])
            }
        }
    }

    @Test func aSilentPeerIsFoundByPing() async throws {
        try await withRedisServer { server in
            var configuration = quickConfiguration()
            configuration.keepAliveInterval = .milliseconds(50)
            configuration.commandDeadline = .milliseconds(300)
            try await withSubscriberLink(to: server.url, configuration: configuration) { link in
                // Pings before the first subscription and after it are answered differently.
                try await eventually("a ping was answered") { try await link { $0.reads } >= 2 }
                try await link.wait { $0.link.subscribe("a") }
                let reads = try await link { $0.reads }
                try await eventually("a ping was answered") { try await link { $0.reads } >= reads + 2 }
                #expect(try await link { $0.states } == [.ready])
                server.pause()
                try await eventually("the silence was noticed") { try await link { $0.link.state } == .connecting }
                server.resume()
                try await eventually("it is back") { try await link { $0.resubscribed } == [["a"]] }
            }
        }
    }

    @Test func anUnconfirmedSubscriptionFailsWithinTheDeadline() async throws {
        try await withRedisServer { server in
            var configuration = quickConfiguration()
            configuration.commandDeadline = .milliseconds(200)
            try await withSubscriberLink(to: server.url, configuration: configuration) { link in
                server.pause()
                await #expect(throws: RedisError.connectionLost) { try await link.wait { $0.link.subscribe("a") } }
                server.resume()
                try await link.wait { $0.link.whenReady(within: .seconds(20)) }
                #expect(try await link { $0.link.subscriptionCount } == 0)
                try await link.wait { $0.link.subscribe("a") }
            }
        }
    }

    @Test func aDeafLinkCanBeReplaced() async throws {
        try await withRedisServer { server in
            try await withSubscriberLink(to: server.url) { link in
                try await link.wait { $0.link.subscribe("a") }
                try await link { $0.link.reconnect(reason: "no echo") }
                try await eventually("it is back") { try await link { $0.resubscribed } == [["a"]] }
                #expect(try await link { $0.failures.map(\.reason) } == ["no echo"])
                // Redis may have seen the new connection before the end of the old one.
                try await eventually("one subscription") {
                    try await server.cli("PUBSUB", "NUMSUB", "a") == ["a", "1"]
                }
            }
        }
    }

    /// Subscribing and losing the connection at the same time, again and again: no future hangs, and in the end Redis
    /// has what was confirmed.
    @Test func churnDuringReconnects() async throws {
        try await withRedisServer { server in
            try await withSubscriberLink(to: server.url) { link in
                for round in 0..<10 {
                    let results = try await link.wait { link in
                        let futures = (0..<50).map { link.link.subscribe("\(round):\($0)") }
                        (0..<25).forEach { link.link.unsubscribe("\(round):\($0)") }
                        if round % 2 == 0 { link.link.reconnect(reason: "test") }
                        return EventLoopFuture.whenAllComplete(futures, on: link.link.eventLoop)
                    }
                    #expect(results.count == 50)
                    try await link.wait { $0.link.whenReady(within: .seconds(20)) }
                }
                let kept = Set((0..<10).filter { $0 % 2 == 1 }.flatMap { round in (25..<50).map { "\(round):\($0)" } })
                try await eventually("Redis has what was confirmed") {
                    try await Set(server.cli("PUBSUB", "CHANNELS")) == kept
                }
                #expect(try await link { $0.link.subscriptionCount } == kept.count)
            }
        }
    }
}
