import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

@Suite struct SessionTokenTests {
    private let cluster = TestCluster()
    private let node: TestNode

    init() throws {
        node = try cluster.node(loops: 2)
    }

    /// - Parameter token: `token/<user>/<name>/<expiresAt>/<generation>`.
    private func connect(_ token: String, loop: Int = 0) -> TestClient {
        let client = node.connect(loop: loop)
        client.say(#"{"type":"hello","id":"h","token":"\#(token)"}"#)
        return client
    }

    private let end = Int64(9_000_000_000_000)

    @Test func theWelcomeSaysUntilWhen() throws {
        let client = connect("token/ann/ann/\(end)/1")
        #expect(try client.takeOne()["expiresAt"]?.integer == end)
        #expect(try connect("token/bob/bob").takeOne()["expiresAt"] == nil)
    }

    /// What others made is not prolonged by a new one; a guest's keeps the latest name.
    @Test func theWelcomeGivesBackTheTokenOfAnAccount() throws {
        let token = "token/ann/ann/\(end)/1"
        #expect(try connect(token).takeOne()["token"]?.string == token)
        let id = "g-" + String(repeating: "0", count: 32)
        let guest = node.connect()
        guest.say(#"{"type":"hello","token":"token/\#(id)/old","name":"new"}"#)
        #expect(try guest.takeOne()["token"]?.string == "token/\(id)/new")
    }

    @Test func anExpiredSessionIsClosed() throws {
        let (ann, bob) = (connect("token/ann/ann/\(end)/1"), connect("token/bob/bob"))
        for client in [ann, bob] { client.session.endIfExpired(at: end - 1) }
        #expect(!ann.isClosed)
        for client in [ann, bob] { client.session.endIfExpired(at: end) }
        #expect(ann.output.closes.map(\.code) == [.unauthorized] && !bob.isClosed)
    }

    @Test func aYoungerTokenProlongsTheSession() throws {
        let ann = connect("token/ann/ann/\(end)/1")
        _ = ann.take()
        ann.say(#"{"type":"refresh","id":"r","token":"token/ann/ann/\#(end + 5)/1"}"#)
        let ack = try ann.takeOne()
        #expect(ack.type == "ack" && ack.re == "r" && ack["expiresAt"]?.integer == end + 5)
        ann.session.endIfExpired(at: end)
        #expect(!ann.isClosed)
    }

    @Test(arguments: [
        #""token":"nonsense""#, #""token":"token/bob/bob/9000000000000/1""#,
        #""token":"token/ann/ann/9000000000000/0""#,
    ])
    func tokensThatProlongNothing(field: String) throws {
        let ann = connect("token/ann/ann/\(end)/1")
        _ = ann.take()
        ann.say(#"{"type":"refresh","id":"r",\#(field)}"#)
        #expect(try ann.takeOne().code == "unauthorized")
        #expect(!ann.isClosed)
        ann.say(#"{"type":"refresh","id":"r"}"#)
        #expect(try ann.takeOne().code == "bad_frame")
    }

    @Test func loggingOutEndsTheSessionsOfOlderTokens() throws {
        let old = [connect("token/ann/ann/\(end)/1"), connect("token/ann/ann/\(end)/1", loop: 1)]
        let (young, bob) = (connect("token/ann/ann/\(end)/2"), connect("token/bob/bob/\(end)/1"))
        cluster.redis.publish(
            ByteBuffer(string: #"{"type":"loggedOut","generation":2}"#), to: .user(try #require(UserID("ann"))))
        cluster.run()
        #expect(old.allSatisfy { $0.output.closes.map(\.code) == [.unauthorized] })
        #expect(!young.isClosed && !bob.isClosed)
    }

    @Test func aTokenFromBeforeLoggingOutIsRefused() throws {
        let ann = connect("token/ann/ann/\(end)/0")
        #expect(try ann.takeOne().code == "unauthorized")
        #expect(ann.output.closes.map(\.code) == [.unauthorized])
    }

    @Test func renamingKeepsTheProof() throws {
        let ann = connect("token/ann/ann/\(end)/1")
        ann.say(#"{"type":"nick","id":"n","name":"anna"}"#)
        ann.session.endIfExpired(at: end)
        #expect(ann.output.closes.map(\.code) == [.unauthorized])
    }
}
