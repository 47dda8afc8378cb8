import NIOCore
import Testing

@testable import RedisClient

@Suite struct HandshakeTests {
    private let script = RedisScript(name: "answer", source: "return 42")

    private func handshake(_ url: String, scripts: [RedisScript] = [], name: String? = nil) throws -> Handshake {
        try Handshake(endpoint: RedisEndpoint(url: url), scripts: scripts, clientName: name, selectsDatabase: true)
    }

    private func failure(_ action: Handshake.Action) -> RedisLinkFailure? {
        if case .failed(let failure) = action { failure } else { nil }
    }

    @Test func asksForEverythingInOrder() throws {
        let handshake = try handshake("redis://u:p@h/3", scripts: [script], name: "node-1")
        #expect(
            handshake.commands == [
                ["AUTH", "u", "p"], ["CLIENT", "SETNAME", "node-1"], ["SELECT", 3],
                ["SCRIPT", "LOAD", "return 42"], ["PING"],
            ]
        )
    }

    @Test func passwordAlone() throws {
        #expect(try handshake("redis://:p@h").commands == [["AUTH", "p"], ["PING"]])
    }

    @Test func finishesWithTheLastReply() throws {
        var handshake = try handshake("redis://:p@h", scripts: [script])
        #expect(handshake.receive(.simple("OK")) == .wait)
        #expect(handshake.receive(.bulk(ByteBuffer(string: script.sha1))) == .wait)
        #expect(handshake.receive(.simple("PONG")) == .finished)
        let tooMany = handshake.receive(.simple("PONG"))
        #expect(failure(tooMany)?.kind == .protocolViolation)
    }

    @Test(arguments: [
        ("WRONGPASS invalid username-password pair or user is disabled.", "check the user and the password", true),
        ("ERR AUTH <password> called without any password configured for the default user.", "leave it out", true),
        ("NOAUTH Authentication required.", "put it in the URL", true),
        ("LOADING Redis is loading the dataset in memory", "still loading", false),
    ])
    func refusalsSayWhatToDo(line: String, advice: String, isPermanent: Bool) throws {
        var handshake = try handshake("redis://u:hunter2@h")
        let failure = failure(handshake.receive(.error(RedisServerError(line: line))))
        #expect(failure?.reason.contains(advice) == true)
        #expect(failure?.reason.contains("hunter2") == false)
        #expect(failure?.isPermanent == isPermanent)
    }

    @Test func aNameIsNotWorthAFailure() throws {
        var handshake = try handshake("redis://h", name: "node-1")
        #expect(handshake.receive(.error(RedisServerError(line: "NOPERM no"))) == .wait)
        #expect(handshake.receive(.simple("PONG")) == .finished)
    }

    @Test func aForeignScriptIsAViolation() throws {
        var handshake = try handshake("redis://h", scripts: [script])
        let foreign = handshake.receive(.bulk(ByteBuffer(string: "abc")))
        #expect(failure(foreign)?.kind == .protocolViolation)
    }

    @Test func scriptsAreKnownByTheirSHA1() {
        #expect(script.sha1 == "1fa00e76656cc152ad327c13fe365858fd7be306")
        #expect(RedisScript(name: "", source: "").sha1 == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    }

    @Test func errorLinesAreSplit() {
        #expect(RedisServerError(line: "NOSCRIPT No matching script.").code == "NOSCRIPT")
        #expect(RedisServerError(line: "ERR").message == "")
        #expect("\(RedisServerError(line: "ERR no such key"))" == "ERR no such key")
        let wrapped = "ERR Error running script (call to f_x): @user_script:1: -READONLY You can't write"
        #expect(RedisServerError(line: wrapped).makesLinkUseless)
        #expect(!RedisServerError(line: "ERR unknown command").makesLinkUseless)
    }
}
