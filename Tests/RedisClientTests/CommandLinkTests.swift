import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct CommandLinkTests {
    @Test func repliesComeInTheOrderOfTheCommands() async throws {
        try await withRedisServer { server in
            try await withCommandLink(to: server.url) { link in
                let replies = try await link.wait { link in
                    let futures = (0..<5000).map { number in
                        link.link.send(["ECHO", RedisArgument(number)])
                    }
                    return EventLoopFuture.whenAllSucceed(futures, on: link.link.eventLoop)
                }
                #expect(replies.map(\.int) == Array(0..<5000))
                #expect(try await link { $0.link.pendingCount } == 0)
            }
        }
    }

    @Test func everyKindOfReply() async throws {
        try await withRedisServer { server in
            try await withCommandLink(to: server.url) { link in
                let command: [RedisArgument] = [
                    "EVAL", "return {1, 'a', false, {redis.status_reply('S'), redis.error_reply('E x')}}", 0,
                ]
                let reply = try await link.wait { $0.link.send(command) }
                let inner: [RedisValue] = [.simple("S"), .error(RedisServerError(code: "E", message: "x"))]
                #expect(reply == .array([.integer(1), .bulk(ByteBuffer(string: "a")), .null, .array(inner)]))
                let refused = await outcome { try await link.wait { $0.link.send(["NOSUCH"]) } }
                guard case .failure(.server(let error)) = refused else {
                    Issue.record("an error must fail the future")
                    return
                }
                #expect(error.code == "ERR")
                #expect(try await link { $0.link.state } == .ready)
            }
        }
    }

    @Test func largeValuesPassUnharmed() async throws {
        try await withRedisServer { server in
            try await withCommandLink(to: server.url) { link in
                let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                let reply = try await link.wait { $0.link.send(["ECHO", RedisArgument(bytes)]) }
                #expect(reply.bytes == ByteBuffer(bytes: bytes))
            }
        }
    }

    @Test func commandsFailAtOnceWhileThereIsNoRedis() async throws {
        try await withCommandLink(to: "unix:///tmp/there-is-no-redis-here", awaitReady: false) { link in
            let result = await outcome { try await link.wait { $0.link.send(["PING"]) } }
            guard case .failure(let error) = result, case .unavailable = error else {
                Issue.record("\(result)")
                return
            }
            #expect(!error.outcomeIsUnknown)
            try await eventually("the link says why") {
                try await link { $0.link.lastFailure?.reason.contains("no socket") == true }
            }
            #expect(try await link { $0.link.state } == .connecting)
            await #expect(throws: RedisLinkFailure.self) {
                try await link.wait { $0.link.whenReady(within: .milliseconds(20)) }
            }
        }
    }

    @Test func pendingCommandsAndBytesAreBounded() async throws {
        try await withRedisServer { server in
            var configuration = quickConfiguration()
            configuration.maxPendingCommands = 10
            configuration.maxPendingBytes = 1000
            try await withCommandLink(to: server.url, configuration: configuration) { link in
                let results = try await link.wait { link in
                    let futures = (0..<15).map { _ in link.link.send(["PING"]) }
                    return EventLoopFuture.whenAllComplete(futures, on: link.link.eventLoop)
                }
                let errors = results.compactMap { result in
                    if case .failure(let error) = result { error as? RedisError } else { nil }
                }
                #expect(errors == Array(repeating: .full, count: 5))
                let large = RedisArgument([UInt8](repeating: 0, count: 1000))
                #expect(await outcome { try await link.wait { $0.link.send(["ECHO", large]) } } == .failure(.full))
                #expect(try await link.wait { $0.link.send(["PING"]) } == .simple("PONG"))
            }
        }
    }

    @Test func databaseAndNameAreSet() async throws {
        try await withRedisServer { server in
            var configuration = quickConfiguration()
            configuration.clientName = "node-7"
            try await withCommandLink(to: server.url + "?db=5", configuration: configuration) { link in
                _ = try await link.wait { $0.link.send(["SET", "a", "b"]) }
                #expect(try await link.wait { $0.link.send(["CLIENT", "GETNAME"]) }.string == "node-7")
                #expect(try await server.cli("-n", "5", "GET", "a") == ["b"])
            }
        }
    }

    @Test func closeFailsWhatIsPendingAndStaysClosed() async throws {
        try await withRedisServer { server in
            try await withCommandLink(to: server.url) { link in
                let future = try await link { $0.link.send(["BLPOP", "nothing", 10]) }
                try await link.wait { $0.link.close() }
                #expect(await outcome { try await future.get() } == .failure(.connectionLost))
                let later = await outcome { try await link.wait { $0.link.send(["PING"]) } }
                guard case .failure(.unavailable) = later else {
                    Issue.record("\(later)")
                    return
                }
                #expect(try await link { $0.states } == [.ready, .closed])
                try await link { $0.link.reconnect(reason: "test") }
                #expect(try await link { $0.link.state } == .closed)
            }
        }
    }
}
