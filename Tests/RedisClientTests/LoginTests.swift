import NIOCore
import RedisClient
import TestSupport
import Testing

@Suite struct LoginTests {
    /// Why a link to `url` does not become ready.
    private func refusal(of url: String) async throws -> RedisLinkFailure? {
        var failure: RedisLinkFailure?
        try await withCommandLink(to: url, awaitReady: false) { link in
            failure = await #expect(throws: RedisLinkFailure.self) {
                try await link.wait { $0.link.whenReady(within: .seconds(60)) }
            }
        }
        return failure
    }

    @Test func passwordsAndUsers() async throws {
        let options = ["--requirepass", "s3cret/@", "--user", "alice", "on", ">wonder land", "~*", "&*", "+@all"]
        try await withRedisServer(options) { server in
            for login in [":s3cret%2f%40", "default:s3cret%2f%40", "alice:wonder%20land"] {
                try await withCommandLink(to: "unix://\(login)@\(server.socketPath)") { link in
                    let reply = try await link.wait { $0.link.send(["PING"]) }
                    #expect(reply == .simple("PONG"))
                }
            }
            try await withSubscriberLink(to: "unix://alice:wonder%20land@\(server.socketPath)") { link in
                try await link.wait { $0.link.subscribe("a") }
            }
            let wrong = try await refusal(of: "unix://alice:hunter2@\(server.socketPath)")
            #expect(wrong?.isPermanent == true)
            #expect(wrong?.reason.contains("check the user and the password") == true)
            #expect(wrong?.reason.contains("hunter2") == false)
            let none = try await refusal(of: server.url)
            #expect(none?.reason.contains("put it in the URL") == true)
        }
    }

    @Test func needlessPasswordAndMissingDatabase() async throws {
        try await withRedisServer { server in
            let needless = try await refusal(of: "unix://:hunter2@\(server.socketPath)")
            #expect(needless?.reason.contains("leave it out") == true)
            let database = try await refusal(of: server.url + "?db=99")
            #expect(database?.reason.contains("refused database 99") == true)
        }
    }

    @Test func aBrokenScriptIsNamed() async throws {
        try await withRedisServer { server in
            let broken = RedisScript(name: "broken.lua", source: "return (")
            try await withCommandLink(to: server.url, scripts: [broken], awaitReady: false) { link in
                let failure = await #expect(throws: RedisLinkFailure.self) {
                    try await link.wait { $0.link.whenReady(within: .seconds(60)) }
                }
                #expect(failure?.reason.contains("refused the script broken.lua") == true)
            }
        }
    }

    @Test func whatListensThereIsNotRedis() async throws {
        let port = try freeLoopbackPort()
        let failure = try await refusalWithinShortTime(of: "redis://127.0.0.1:\(port)")
        #expect(failure?.reason.contains("nobody listens at redis://127.0.0.1:\(port)") == true)
        let name = try await refusalWithinShortTime(of: "redis://no-such-host.invalid")
        #expect(name?.kind == .unreachable)
    }

    private func refusalWithinShortTime(of url: String) async throws -> RedisLinkFailure? {
        var failure: RedisLinkFailure?
        try await withCommandLink(to: url, awaitReady: false) { link in
            try await eventually("an attempt failed") { try await link { !$0.failures.isEmpty } }
            failure = try await link { $0.failures.first }
        }
        return failure
    }
}
