import ChatCore
import ChatProtocol
import NIOCore
import NIOPosix
import Testing

@testable import ChatGateway

@Suite struct OperatorGateTests {
    private let gate = OperatorGate(identities: NamedTokens(), accounts: OneGeneration())

    private func refusal(_ token: String?, now: UInt64 = 0) async -> OperatorRefusal? {
        do {
            _ = try await gate.admit(token, now: now)
            return nil
        } catch {
            return error
        }
    }

    @Test func operatorsComeInAndNobodyElse() async {
        #expect(await refusal("operator") == nil)
        #expect(await refusal("operator/3") == nil)
        #expect(await refusal("somebody") == .forbidden)
        #expect(await refusal("nonsense") == .unauthorized)
        #expect(await refusal(nil) == .unauthorized)
    }

    @Test func whoHasLoggedOutIsOutHere() async {
        #expect(await refusal("operator/2") == .unauthorized)
        #expect(await refusal("somebody/2") == .unauthorized, "and is not told anything else")
    }

    @Test func anAnswerOfRedisIsNeeded() async {
        let gate = OperatorGate(identities: NamedTokens(), accounts: OneGeneration(fails: true))
        await #expect(throws: OperatorRefusal.unavailable) { try await gate.admit("operator/3", now: 0) }
    }

    @Test func eachOperatorHasARateOfTheirOwn() async {
        var refused = 0
        for _ in 0..<100 where await refusal("operator", now: 5_000_000_000) != nil { refused += 1 }
        #expect(refused == 60)
        #expect(await refusal("other-operator", now: 5_000_000_000) == nil)
        guard case .tooMany(let wait) = await refusal("operator", now: 5_000_000_000) else {
            Issue.record("one too many")
            return
        }
        #expect(await refusal("operator", now: 5_000_000_000 + UInt64(wait) * 1_000_000) == nil)
    }

    @Test func whatIsAskedForIsChecked() throws {
        let query = OperatorQuery(["room": "lobby", "user": "ann", "node": "", "limit": "7", "after": "a-1/0/3"])
        let room = try #require(RoomName("lobby"))
        #expect(
            try query.presence()
                == PresenceQuery(room: room, user: "ann", node: nil, after: "a-1/0/3", limit: 7))
        #expect(try OperatorQuery([:]).presence() == PresenceQuery(limit: 100))
        for bad in [
            ["room": "No Room"], ["limit": "0"], ["limit": "501"], ["limit": "x"],
            ["user": String(repeating: "u", count: 201)],
        ] {
            #expect(throws: OperatorQuery.Malformed.self) { try OperatorQuery(bad).presence() }
        }
    }
}

/// The token is the user's id; with a `/` an account's generation follows. Those whose id ends with `operator` are.
private struct NamedTokens: Identities {
    var allowsGuests: Bool { true }

    func guestToken(for user: UserID, name: DisplayName) -> String { user.string }

    func verify(_ token: String) -> Identity? {
        let parts = token.split(separator: "/").map(String.init)
        guard let user = parts.first.flatMap({ UserID($0) }), let name = DisplayName(user.string),
            user.string != "nonsense"
        else { return nil }
        let generation = parts.count > 1 ? Int(parts[1]) : nil
        return Identity(user: user, name: name, generation: generation, isOperator: user.string.hasSuffix("operator"))
    }
}

/// Whoever is asked for is in the third generation.
private struct OneGeneration: Accounts {
    struct Away: Error {}

    var fails = false
    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    init(fails: Bool = false) {
        self.fails = fails
    }

    func find(_ user: UserID) -> EventLoopFuture<Account?> {
        guard !self.fails, let name = DisplayName(user.string) else { return self.loop.makeFailedFuture(Away()) }
        return self.loop.makeSucceededFuture(Account(user: user, name: name, password: "", generation: 3))
    }

    func find(_ name: DisplayName) -> EventLoopFuture<Account?> { self.loop.makeFailedFuture(Away()) }
    func create(_ account: Account) -> EventLoopFuture<Bool> { self.loop.makeFailedFuture(Away()) }
    func endSessions(of user: UserID, password: String?) -> EventLoopFuture<Int?> { self.loop.makeFailedFuture(Away()) }
    func attempt(_ attempt: Attempt) -> EventLoopFuture<Int64> { self.loop.makeFailedFuture(Away()) }
    func forgive(_ attempt: Attempt) {}
}
