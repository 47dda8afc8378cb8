import NIOCore
import RedisClient
import TestSupport
import Testing

/// What goes wrong between a command link and its Redis.
@Suite struct CommandLinkFaultTests {
    @Test func aLateCommandFailsAloneAndRepliesDoNotShift() async throws {
        try await withRedisServer { server in
            try await withCommandLink(to: server.url) { link in
                let (late, next) = try await link { link in
                    let late = link.link.send(["BLPOP", "list", 0], deadline: .milliseconds(50))
                    return (late, link.link.send(["ECHO", "next"]))
                }
                let result = await outcome { try await late.get() }
                #expect(result == .failure(.timedOut))
                #expect(try await link { $0.link.pendingCount } == 2)
                try await server.cli("RPUSH", "list", "value")
                #expect(try await next.get().string == "next")
                #expect(try await link { $0.states } == [.ready])
            }
        }
    }

    @Test func aDeadPeerIsGivenUpWhenTheOldestCommandIsLate() async throws {
        try await withRedisServer { server in
            var configuration = quickConfiguration()
            configuration.commandDeadline = .milliseconds(300)
            try await withCommandLink(to: server.url, configuration: configuration) { link in
                server.pause()
                let (oldest, younger) = try await link { link in
                    let oldest = link.link.send(["PING"])
                    // Later than the first, so that it is not late itself when the link is given up.
                    let time = NIODeadline.now() + .milliseconds(100)
                    let younger = link.link.eventLoop.assumeIsolated().flatScheduleTask(deadline: time) {
                        link.link.send(["PING"])
                    }
                    return (oldest, younger.futureResult)
                }
                #expect(await outcome { try await oldest.get() } == .failure(.timedOut))
                #expect(await outcome { try await younger.get() } == .failure(.connectionLost))
                #expect(RedisError.timedOut.outcomeIsUnknown && RedisError.connectionLost.outcomeIsUnknown)
                #expect(try await link { $0.failures.first?.kind } == .lost)
                server.resume()
                try await link.wait { $0.link.whenReady(within: .seconds(20)) }
                #expect(try await link.wait { $0.link.send(["PING"]) } == .simple("PONG"))
                #expect(try await link { $0.states } == [.ready, .connecting, .ready])
            }
        }
    }

    /// A write may fail while the caller is told nothing yet: then each command is answered once all the same.
    @Test func manyCommandsOnABrokenConnectionAreAnsweredOnceEach() async throws {
        try await withRedisServer { server in
            try await withCommandLink(to: server.url) { link in
                // In one turn, in which the link cannot notice that the connection is gone.
                let answers = try await link { link in
                    server.kill()
                    return (0..<4).flatMap { _ in
                        let commands = (0..<100).map { _ in
                            link.link.send(["ECHO", RedisArgument([UInt8](repeating: 120, count: 1_000))])
                        }
                        link.link.sendIfMany()
                        return commands
                    }
                }
                for answer in answers {
                    switch await outcome({ try await answer.get() }) {
                    case .failure(.connectionLost), .failure(.unavailable): break
                    case let other: Issue.record("not lost: \(other)")
                    }
                }
                #expect(try await link { $0.link.pendingCount } == 0)
            }
        }
    }

    @Test func anUnansweredHandshakeTimesOut() async throws {
        try await withRedisServer { server in
            var configuration = quickConfiguration()
            configuration.connectTimeout = .milliseconds(100)
            server.pause()
            try await withCommandLink(to: server.url, configuration: configuration, awaitReady: false) { link in
                try await eventually("several attempts failed") { try await link { $0.failures.count } >= 2 }
                #expect(try await link { $0.failures.first?.reason.contains("within 100 ms") } == true)
                server.resume()
                try await link.wait { $0.link.whenReady(within: .seconds(20)) }
            }
        }
    }

    @Test func aKilledConnectionComesBack() async throws {
        try await withRedisServer { server in
            try await withCommandLink(to: server.url) { link in
                let blocked = try await link { $0.link.send(["BLPOP", "nothing", 0]) }
                try await eventually("Redis has the command") {
                    try await server.cli("CLIENT", "LIST").contains { $0.contains("cmd=blpop") }
                }
                try await server.cli("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                #expect(await outcome { try await blocked.get() } == .failure(.connectionLost))
                try await link.wait { $0.link.whenReady(within: .seconds(20)) }
                #expect(try await link { $0.states } == [.ready, .connecting, .ready])
            }
        }
    }

    @Test func aRestartedServerIsFoundAndGetsTheScripts() async throws {
        let script = RedisScript(name: "double", source: "return ARGV[1] * 2")
        try await withRedisServer { server in
            try await withCommandLink(to: server.url, scripts: [script]) { link in
                server.kill()
                try await eventually("the link is down") { try await link { $0.link.state } == .connecting }
                try await eventually("an attempt failed") { try await link { $0.failures.count } >= 2 }
                try await server.start()
                try await link.wait { $0.link.whenReady(within: .seconds(20)) }
                let reply = try await link.wait { $0.link.run(script, keys: [], arguments: [21]) }
                #expect(reply == .integer(42))
            }
        }
    }

    @Test func lostScriptsAreLoadedByANewConnection() async throws {
        let script = RedisScript(name: "keys", source: "return {KEYS[1], ARGV[1]}")
        try await withRedisServer { server in
            try await withCommandLink(to: server.url, scripts: [script]) { link in
                let before = try await link.wait { $0.link.run(script, keys: ["k"], arguments: ["a"]) }
                #expect(before.array?.map(\.string) == ["k", "a"])
                try await server.cli("SCRIPT", "FLUSH")
                let lost = await outcome {
                    try await link.wait { $0.link.run(script, keys: ["k"], arguments: ["a"]) }
                }
                guard case .failure(.server(let error)) = lost else {
                    Issue.record("\(lost)")
                    return
                }
                #expect(error.code == "NOSCRIPT")
                try await link.wait { $0.link.whenReady(within: .seconds(20)) }
                let after = try await link.wait { $0.link.run(script, keys: ["k"], arguments: ["a"]) }
                #expect(after == before)
                #expect(try await link { $0.states } == [.ready, .connecting, .ready])
            }
        }
    }

    /// What a caller does on hearing of such an error must not go to the connection that is being given up.
    @Test func aRetryInTheCallbackIsRefused() async throws {
        try await withRedisServer { server in
            try await withCommandLink(to: server.url) { link in
                let retried = await outcome {
                    try await link.wait { link in
                        let unknown = RedisArgument(String(repeating: "0", count: 40))
                        return link.link.send(["EVALSHA", unknown, 0]).assumeIsolated()
                            .flatMapError { _ in link.link.send(["PING"]) }
                            .nonisolated()
                    }
                }
                guard case .failure(.unavailable(let reason)) = retried else {
                    Issue.record("\(retried)")
                    return
                }
                #expect(reason.contains("NOSCRIPT"))
            }
        }
    }

    @Test func aReadOnlyServerIsLeftAndTriedAgain() async throws {
        try await withRedisServer { server in
            try await withCommandLink(to: server.url) { link in
                // A primary that is not there: a replica refuses writes all the same.
                try await server.cli("REPLICAOF", "127.0.0.1", "1")
                let result = await outcome { try await link.wait { $0.link.send(["SET", "a", "b"]) } }
                guard case .failure(.server(let error)) = result else {
                    Issue.record("\(result)")
                    return
                }
                #expect(error.code == "READONLY")
                try await eventually("the link was dropped") { try await link { $0.states }.contains(.connecting) }
                try await server.cli("REPLICAOF", "NO", "ONE")
                try await link.wait { $0.link.whenReady(within: .seconds(20)) }
                #expect(try await link.wait { $0.link.send(["SET", "a", "b"]) } == .simple("OK"))
            }
        }
    }

    @Test func anErrorInAScriptCountsAsTheServers() async throws {
        let script = RedisScript(name: "set", source: "return redis.call('SET', KEYS[1], '1')")
        try await withRedisServer { server in
            try await withCommandLink(to: server.url, scripts: [script]) { link in
                try await server.cli("REPLICAOF", "127.0.0.1", "1")
                _ = await outcome { try await link.wait { $0.link.run(script, keys: ["k"], arguments: []) } }
                try await eventually("the link was dropped") { try await link { $0.states }.contains(.connecting) }
            }
        }
    }
}
