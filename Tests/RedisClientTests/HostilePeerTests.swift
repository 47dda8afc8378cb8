import NIOCore
import RedisClient
import TestSupport
import Testing

/// Links against peers that do not behave.
@Suite struct HostilePeerTests {
    /// The first failure of a command link whose first connection gets `answer`, and whose later ones get PONG.
    private func firstFailure(answer: String) async throws -> RedisLinkFailure? {
        let server = try await ScriptedServer.start([answer, "+PONG\r\n"])
        var failure: RedisLinkFailure?
        try await withCommandLink(to: server.url, awaitReady: false) { link in
            try await eventually("the link recovered") {
                try await link { !$0.failures.isEmpty && $0.link.state == .ready }
            }
            failure = try await link { $0.failures.first }
        }
        try await server.stop()
        return failure
    }

    @Test func loadingIsWaitedFor() async throws {
        let failure = try await firstFailure(answer: "-LOADING Redis is loading the dataset in memory\r\n")
        #expect(failure?.reason.contains("still loading") == true)
        #expect(failure?.isPermanent == false)
    }

    @Test func anotherProtocol() async throws {
        let failure = try await firstFailure(answer: "HTTP/1.1 400 Bad Request\r\n\r\n")
        #expect(failure?.kind == .protocolViolation)
    }

    @Test func aConnectionClosedAtOnce() async throws {
        let failure = try await firstFailure(answer: "")
        #expect(failure?.reason.contains("rediss://") == true)
    }

    @Test func aReplyThatNothingAskedForEndsTheConnection() async throws {
        let failure = try await firstFailure(answer: "+PONG\r\n+surprise\r\n")
        #expect(failure?.kind == .lost)
        #expect(failure?.reason.contains("no command awaits") == true)
    }

    @Test(arguments: [
        "*3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n", "*1\r\n$7\r\nmessage\r\n", "*2\r\n$7\r\nmessage\r\n$1\r\na\r\n",
        "*3\r\n$8\r\npmessage\r\n$1\r\na\r\n$1\r\na\r\n", "*2\r\n$4\r\npong\r\n$0\r\n\r\n", "+PONG\r\n", ":1\r\n",
        "*0\r\n", "*2\r\n:1\r\n:2\r\n", "-ERR out of the blue\r\n", "$-1\r\n", "*2\r\n*-1\r\n*-1\r\n",
    ])
    func aPushThatCannotBeEndsTheConnection(push: String) async throws {
        let server = try await ScriptedServer.start(["+PONG\r\n" + push, "+PONG\r\n"])
        try await withSubscriberLink(to: server.url) { link in
            try await eventually("the link recovered") {
                try await link { !$0.failures.isEmpty && $0.link.state == .ready }
            }
            #expect(try await link { $0.failures.first?.kind } == .lost)
            #expect(try await link { $0.messages }.isEmpty)
        }
        try await server.stop()
    }

    @Test func aMessageNobodyAskedForIsDropped() async throws {
        let message = "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n"
        let server = try await ScriptedServer.start(["+PONG\r\n" + message])
        try await withSubscriberLink(to: server.url) { link in
            try await eventually("the read is done") { try await link { $0.reads } > 0 }
            #expect(try await link { $0.messages }.isEmpty)
            #expect(try await link { $0.states } == [.ready])
        }
        try await server.stop()
    }
}
