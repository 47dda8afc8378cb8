import ChatCore
import ChatProtocol
import Crypto
import CryptoExtras
import Foundation
import Testing

@testable import ExternalTokens

/// One test for each attack that RFC 8725 warns of (section numbers are its own), and for some that it does not.
@Suite struct TokenAttackTests {
    private let scratch: Scratch
    private let issuer: TestIssuer

    init() throws {
        scratch = try Scratch()
        issuer = try TestIssuer()
    }

    private func shared(name: String = TestIssuer.name, prefix: String = "x") throws -> Issuer {
        .test(
            [.hs256], .secret(file: try scratch.write(TestIssuer.secret + "\n", to: "secret-\(prefix)")), name: name,
            prefix: prefix)
    }

    private func published() throws -> Issuer {
        let keys = [try issuer.rsaKey(id: "rsa"), issuer.p256Key(id: "ec"), issuer.ed25519Key(id: "ed")]
        return .test([.rs256, .es256, .edDSA], .file(try scratch.write(try TestIssuer.keys(keys), to: "keys.json")))
    }

    private func pem() throws -> Issuer {
        .test([.rs256], .file(try scratch.write(issuer.rsa.publicKey.pemRepresentation, to: "rsa.pem")))
    }

    /// What the others are compared with.
    @Test func aRightTokenIsGood() async throws {
        try await withTokens(try shared()) { (tokens: ExternalTokens) async throws -> Void in
            let identity = try await tokens.verify(try TestIssuer.hs256())
            #expect(identity.user.string == "x-42" && identity.name.string == "Ann" && !identity.isOperator)
            #expect(
                identity.expiresAt == TestIssuer.now + 630_000 && identity.scope == nil && identity.generation == nil)
            #expect(!identity.user.isGuest)
        }
        try await withTokens(try published()) { (tokens: ExternalTokens) async throws -> Void in
            #expect(
                try await refusal(tokens, issuer.rs256(header: ["alg": "RS256", "kid": "rsa", "typ": "JWT"])) == nil)
            #expect(
                try await refusal(tokens, issuer.es256(header: ["alg": "ES256", "kid": "ec", "typ": "at+jwt"])) == nil)
            #expect(try await refusal(tokens, issuer.edDSA(header: ["alg": "EdDSA", "kid": "ed"])) == nil)
            // The only key of its algorithm needs no name.
            #expect(try await refusal(tokens, issuer.es256()) == nil)
        }
        try await withTokens(try pem()) { (tokens: ExternalTokens) async throws -> Void in
            #expect(try await refusal(tokens, issuer.rs256(header: ["alg": "RS256", "kid": "whatever"])) == nil)
        }
    }

    /// 2.1, 3.1
    @Test(arguments: ["none", "None", "NONE", "nOnE", "", "HS256 ", "hs256", "HS512", "RS256", "PS256", "ES384"])
    func noneAndOtherAlgorithms(algorithm: String) async throws {
        try await withTokens(try shared()) { (tokens: ExternalTokens) async throws -> Void in
            let header = #"{"alg":"\#(algorithm)"}"#
            let claims = try TestIssuer.json(TestIssuer.claims())
            let unsigned = TestIssuer.encoded(header) + "." + TestIssuer.encoded(claims) + "."
            #expect(await refusal(tokens, unsigned) != nil)
            let signed = TestIssuer.token(
                header: header, claims: claims, sign: TestIssuer.hmac(Data(TestIssuer.secret.utf8)))
            #expect(await refusal(tokens, signed) != nil)
        }
    }

    /// 2.1: an RSA key, which everybody knows, as the secret of an HMAC.
    @Test func aPublicKeyIsNoSecret() async throws {
        let pem = issuer.rsa.publicKey.pemRepresentation
        for secret in [pem, pem + "\n", pem.trimmingCharacters(in: .whitespacesAndNewlines)] {
            for header in [#"{"alg":"HS256"}"#, #"{"alg":"HS256","kid":"rsa"}"#] {
                let token = TestIssuer.token(
                    header: header, claims: try TestIssuer.json(TestIssuer.claims()),
                    sign: TestIssuer.hmac(Data(secret.utf8)))
                try await withTokens(try self.pem()) { (tokens: ExternalTokens) async throws -> Void in
                    #expect(await refusal(tokens, token) != nil)
                }
                try await withTokens(try published()) { (tokens: ExternalTokens) async throws -> Void in
                    #expect(await refusal(tokens, token) != nil)
                }
            }
        }
        // Nor is another kind of key: an EdDSA token under the name of the RSA key.
        try await withTokens(try published()) { (tokens: ExternalTokens) async throws -> Void in
            #expect(try await refusal(tokens, issuer.edDSA(header: ["alg": "EdDSA", "kid": "rsa"])) != nil)
            #expect(try await refusal(tokens, issuer.edDSA(header: ["alg": "RS256", "kid": "rsa"])) != nil)
        }
    }

    /// 3.10: what a `kid` is, is compared and nothing else.
    @Test(arguments: [
        "", "../../../../etc/passwd", "/dev/null", "rsa' OR '1'='1", "rsa; DROP TABLE keys", "RSA", "rsa\u{0}", "rsa ",
        "http://evil.example/key", String(repeating: "k", count: 5_000),
    ])
    func madeUpKeyNames(id: String) async throws {
        try await withTokens(try published()) { (tokens: ExternalTokens) async throws -> Void in
            #expect(
                try await refusal(tokens, issuer.rs256(header: ["alg": "RS256", "kid": id]))
                    == "the issuer has no such key")
        }
    }

    @Test(arguments: [#"["rsa"]"#, #"{"a":1}"#, "7", "null", "true"])
    func keyNamesThatAreNoTexts(id: String) async throws {
        let header = #"{"alg":"RS256","kid":\#(id)}"#
        let token = try TestIssuer.token(header: header, claims: try TestIssuer.json(TestIssuer.claims())) { data in
            try issuer.rsa.signature(for: SHA256.hash(data: data), padding: .insecurePKCS1v1_5).rawRepresentation
        }
        try await withTokens(try published()) { (tokens: ExternalTokens) async throws -> Void in
            #expect(await refusal(tokens, token) == "'kid' must be a string")
        }
    }

    /// 3.10: keys, and addresses of keys, that a token brings along. One test key is the attacker's.
    @Test(arguments: ["jku", "x5u", "jwk", "x5c"])
    func keysThatATokenBrings(parameter: String) async throws {
        let attacker = try TestIssuer()
        let brought: Any =
            switch parameter {
            case "jwk": try attacker.rsaKey(id: "rsa")
            case "x5c": [Data(attacker.rsa.publicKey.derRepresentation).base64EncodedString()]
            default: "http://127.0.0.1:9/keys.json"
            }
        let header: [String: Any] = ["alg": "RS256", "kid": "rsa", parameter: brought]
        try await withTokens(try published()) { (tokens: ExternalTokens) async throws -> Void in
            #expect(try await refusal(tokens, attacker.rs256(header: header)) == "the token's signature is wrong")
            // It is not looked at: the issuer's own token is as good as without.
            #expect(try await refusal(tokens, issuer.rs256(header: header)) == nil)
        }
    }

    /// 3.9
    @Test func wrongAudiences() async throws {
        try await withTokens(try shared()) { (tokens: ExternalTokens) async throws -> Void in
            let wrong: [Any?] = [
                nil, "", "Chat", "chat ", "shop chat", ["shop", "billing"], [String](), ["chat", 7] as [Any], 7,
                ["a": "chat"], true,
            ]
            for audience in wrong {
                #expect(
                    try await refusal(tokens, TestIssuer.hs256(TestIssuer.claims(["aud": audience]))) != nil,
                    "\(String(describing: audience))")
            }
            #expect(try await refusal(tokens, TestIssuer.hs256(TestIssuer.claims(["aud": ["shop", "chat"]]))) == nil)
        }
    }

    /// 3.8
    @Test func wrongIssuers() async throws {
        try await withTokens(try shared()) { (tokens: ExternalTokens) async throws -> Void in
            let wrong: [Any?] = [
                nil, "", "https://shop.example/", "HTTPS://shop.example", "https://evil.example",
                ["https://shop.example"], 7,
            ]
            for name in wrong {
                #expect(
                    try await refusal(tokens, TestIssuer.hs256(TestIssuer.claims(["iss": name])))
                        == "the token's issuer is not known here")
            }
        }
    }

    /// 3.8: a key is its issuer's alone.
    @Test func anotherIssuersKey() async throws {
        let other = Issuer.test(
            [.rs256], .file(try scratch.write(try TestIssuer.keys([try issuer.rsaKey(id: "rsa")]), to: "other.json")),
            name: "https://other.example", prefix: "o")
        try await withTokens(try shared(), other) { (tokens: ExternalTokens) async throws -> Void in
            let header: [String: Any] = ["alg": "RS256", "kid": "rsa"]
            #expect(
                try await refusal(tokens, issuer.rs256(header: header)) == "the issuer's tokens are signed otherwise")
            let own = try await tokens.verify(
                try issuer.rs256(TestIssuer.claims(["iss": "https://other.example"]), header: header))
            // The same subject of two issuers is two users.
            #expect(own.user.string == "o-42")
            #expect(
                try await refusal(tokens, TestIssuer.hs256(TestIssuer.claims(["iss": "https://other.example"]))) != nil)
        }
    }

    @Test func times() async throws {
        let now = TestIssuer.nowSeconds
        try await withTokens(try shared()) { (tokens: ExternalTokens) async throws -> Void in
            func reason(_ change: [String: Any?]) async throws -> String? {
                await refusal(tokens, try TestIssuer.hs256(TestIssuer.claims(change)))
            }
            #expect(try await reason(["exp": now - 31]) == "the token has expired")
            #expect(try await reason(["exp": now - 30]) == "the token has expired")
            #expect(try await reason(["exp": now - 29]) == nil)
            #expect(try await reason(["exp": Double(now) + 0.5]) == nil)
            for wrong in [nil, "soon", "\(now + 600)", -1, 1e300, true, [now + 600]] as [Any?] {
                #expect(
                    try await reason(["exp": wrong]) == "the token has no end: it needs 'exp'",
                    "\(String(describing: wrong))")
            }
            #expect(try await reason(["nbf": now + 31]) == "the token is not valid yet")
            #expect(try await reason(["nbf": now + 30]) == nil)
            for wrong in ["now", -1, 1e300, NSNull(), [now]] as [Any] {
                #expect(try await reason(["nbf": wrong]) == "'nbf' must be a time in seconds")
            }
        }
    }

    /// What comes twice reads differently to different parsers.
    @Test func namesThatComeTwice() async throws {
        let sign = TestIssuer.hmac(Data(TestIssuer.secret.utf8))
        let claims = try TestIssuer.json(TestIssuer.claims())
        try await withTokens(try shared()) { (tokens: ExternalTokens) async throws -> Void in
            for header in [
                #"{"alg":"none","alg":"HS256"}"#, #"{"alg":"HS256","alg":"HS256"}"#,
                #"{"alg":"HS256","a":{"b":1,"b":2}}"#,
            ] {
                #expect(
                    await refusal(tokens, TestIssuer.token(header: header, claims: claims, sign: sign))
                        == "this is no signed token")
            }
            for more in [#""sub":"1""#, #""exp":9"#, #""aud":"chat""#, #""r":{"roles":[],"roles":["operator"]}"#] {
                let twice = claims.dropLast() + "," + more + "}"
                #expect(
                    await refusal(tokens, TestIssuer.token(header: #"{"alg":"HS256"}"#, claims: twice, sign: sign))
                        == "this is no signed token")
            }
        }
    }

    /// RFC 7515, 4.1.11
    @Test(arguments: [#"["b64"]"#, "[]", "null", #""exp""#])
    func extensionsThatWeDoNotKnow(critical: String) async throws {
        let token = TestIssuer.token(
            header: #"{"alg":"HS256","b64":false,"crit":\#(critical)}"#,
            claims: try TestIssuer.json(TestIssuer.claims()),
            sign: TestIssuer.hmac(Data(TestIssuer.secret.utf8)))
        try await withTokens(try shared()) { (tokens: ExternalTokens) async throws -> Void in
            #expect(await refusal(tokens, token) == "the token asks for extensions")
        }
    }

    /// 3.11: a token that was made for something else.
    @Test(arguments: ["secevent+jwt", "dpop+jwt", "JWE", "", 7] as [any Sendable])
    func otherTypes(type: any Sendable) async throws {
        try await withTokens(try shared()) { (tokens: ExternalTokens) async throws -> Void in
            #expect(
                try await refusal(tokens, TestIssuer.hs256(header: ["alg": "HS256", "typ": type]))
                    == "the token is of another type")
        }
    }

    @Test func damagedTokens() async throws {
        let token = try TestIssuer.hs256()
        let parts = token.split(separator: ".").map(String.init)
        try await withTokens(try shared()) { (tokens: ExternalTokens) async throws -> Void in
            let large = try TestIssuer.hs256(TestIssuer.claims(["more": String(repeating: "x", count: 8_192)]))
            #expect(await refusal(tokens, large) == "the token is too long")
            for damaged in [
                "", ".", "..", "...", parts[0] + "." + parts[1], token + ".", "." + token, token + "." + parts[2],
                token + "=",
                token + " ", " " + token, parts[0] + ".." + parts[2], "." + parts[1] + "." + parts[2],
                parts[0] + "." + parts[1] + ".", TestIssuer.encoded("[]") + "." + parts[1] + "." + parts[2],
                TestIssuer.encoded("{}") + "." + parts[1] + "." + parts[2],
                parts[0] + "." + TestIssuer.encoded("7") + "." + parts[2],
                TestIssuer.encoded(String(repeating: "[", count: 5_000)) + "." + parts[1] + "." + parts[2],
                parts[0] + "." + parts[1] + "." + parts[2].dropLast(), parts[0] + "." + parts[1] + "." + parts[2] + "A",
            ] {
                #expect(await refusal(tokens, damaged) != nil, "\(damaged.prefix(80))")
            }
            // Every bit of a signature counts, also those that base64 leaves over.
            for index in token.indices where token[index] != "." {
                var changed = token
                changed.replaceSubrange(index...index, with: token[index] == "A" ? "B" : "A")
                #expect(await refusal(tokens, changed) != nil)
            }
        }
    }

    /// 2.8: neither kind of token is taken for the other.
    @Test func theClustersOwnTokens() async throws {
        let own = TestIssuer.encoded(#"{"user":"u-1","name":"ann","expiresAt":9000000000000,"generation":1}"#)
        try await withTokens(try shared()) { (tokens: ExternalTokens) async throws -> Void in
            #expect(try !ExternalTokens.mayBe(own + "." + own) && ExternalTokens.mayBe(TestIssuer.hs256()))
            #expect(await refusal(tokens, own + "." + own) != nil)
        }
    }
}
