import ChatCore
import ChatProtocol
import Foundation
import Testing

@testable import ExternalTokens

/// From claims to who somebody is.
@Suite struct TokenClaimsTests {
    private let scratch: Scratch
    private var issuer: Issuer

    init() throws {
        scratch = try Scratch()
        issuer = .test([.hs256], .secret(file: try scratch.write(TestIssuer.secret, to: "secret")))
    }

    private func identity(_ change: [String: Any?], operators: Operators = Operators()) async throws -> Identity {
        try await withTokens(issuer, operators: operators) { tokens in
            try await tokens.verify(try TestIssuer.hs256(TestIssuer.claims(change)))
        }
    }

    @Test func subjectsThatAreIDs() async throws {
        for subject in ["42", "a", "A_b-9", String(repeating: "s", count: 38)] {
            #expect(try await identity(["sub": subject]).user.string == "x-" + subject)
        }
    }

    /// Whatever else somebody is called gives an id that no other subject gets, and always the same.
    @Test func subjectsThatAreNone() async throws {
        let others = ["ann@shop.example", "auth0|7", "a b", "ä", "-42", "--", String(repeating: "s", count: 39), "0/1"]
        var ids: Set<String> = []
        for subject in others {
            let id = try await identity(["sub": subject]).user.string
            #expect(id.hasPrefix("x--") && id.utf8.count == 35)
            #expect(try await identity(["sub": subject]).user.string == id)
            ids.insert(id)
            // Nobody gets another's by being called what the other's id ends with.
            #expect(try await identity(["sub": String(id.dropFirst(2))]).user.string != id)
        }
        #expect(ids.count == others.count)
        for wrong in [nil, "", 42, NSNull(), ["a"], String(repeating: "s", count: 256)] as [Any?] {
            await #expect(throws: InvalidToken.self) { try await identity(["sub": wrong]) }
        }
    }

    @Test func names() async throws {
        let ann = try await identity([:])
        #expect(ann.name.string == "Ann" && ann.isNamedByIssuer)
        #expect(try await identity(["name": String(repeating: "n", count: 50)]).name.string.count == 32)
        for useless in [nil, "", "a:b", "\u{202E}", 7, NSNull()] as [Any?] {
            let nameless = try await identity(["name": useless, "sub": "abcdefgh"])
            #expect(nameless.name.string == "user-cdefgh" && !nameless.isNamedByIssuer)
        }
    }

    @Test func operators() async throws {
        #expect(try await !identity(["roles": ["editor", "Operator", "operator "]]).isOperator)
        for roles in [["editor", "operator"], "editor operator"] as [Any] {
            #expect(try await identity(["roles": roles]).isOperator)
        }
        for wrong in [7, NSNull(), ["operator": true], ["operator", 7] as [Any]] as [Any] {
            await #expect(throws: InvalidToken.self) { try await identity(["roles": wrong]) }
        }
        // By id, and never by a name.
        #expect(try await identity([:], operators: #require(Operators(["id:x-42"]))).isOperator)
        #expect(
            try await !identity(["name": "root"], operators: #require(Operators(["root", "x-42", "42"]))).isOperator
        )
    }

    @Test func anIssuerNeedMakeNoOperators() async throws {
        var issuer = issuer
        issuer.operatorRole = ""
        try await withTokens(issuer) { (tokens: ExternalTokens) async throws -> Void in
            let token = try TestIssuer.hs256(TestIssuer.claims(["roles": ["operator", ""]]))
            #expect(try await !tokens.verify(token).isOperator)
        }
    }

    @Test func rooms() async throws {
        let scope = try #require(try await identity(["rooms": ["lobby", "team-*"]]).scope)
        #expect(scope == RoomScope(["lobby", "team-*"]))
        #expect(try await identity(["rooms": "lobby team-*"]).scope == scope)
        #expect(try await identity([:]).scope == nil)
        #expect(try await identity(["rooms": [String]()]).scope == RoomScope([]))
        // What was meant to keep somebody out must not let in when it is misspelt.
        for wrong in [NSNull(), 7, ["Lobby"], ["lobby", 7] as [Any], ["dm:a:b"], ["*x"], ["lobby": true]] as [Any] {
            await #expect(throws: InvalidToken.self) { try await identity(["rooms": wrong]) }
        }
        await #expect(throws: InvalidToken.self) {
            try await identity(["rooms": (0...1_000).map { "room-\($0)" }])
        }
    }

    @Test func claimsByOtherNames() async throws {
        var issuer = issuer
        issuer.claims.user = "https://shop.example/id"
        issuer.claims.name = "profile.nick"
        issuer.claims.roles = "realm_access.roles"
        let claims = TestIssuer.claims([
            "https://shop.example/id": "7", "profile": ["nick": "Bob"], "realm_access": ["roles": ["operator"]],
        ])
        try await withTokens(issuer) { (tokens: ExternalTokens) async throws -> Void in
            let bob = try await tokens.verify(try TestIssuer.hs256(claims))
            #expect(bob.user.string == "x-7" && bob.name.string == "Bob" && bob.isOperator)
            #expect(try await refusal(tokens, TestIssuer.hs256()) != nil)
        }
    }
}
