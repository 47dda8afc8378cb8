import ChatCore
import Crypto
import CryptoExtras
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import ExternalTokens

/// Where keys come from, and what happens when they change or cannot be had.
@Suite struct KeyRotationTests {
    private let scratch: Scratch
    private let old: TestIssuer
    private let new: TestIssuer

    init() throws {
        scratch = try Scratch()
        old = try TestIssuer()
        new = try TestIssuer()
    }

    private func token(_ issuer: TestIssuer, _ id: String) throws -> String {
        try issuer.es256(header: ["alg": "ES256", "kid": id])
    }

    /// With the node's own watch over the keys running meanwhile.
    private func keeping(_ tokens: ExternalTokens, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await tokens.keep() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    // MARK: Files

    @Test func filesAreReadAgain() async throws {
        let file = try scratch.write(try TestIssuer.keys([old.p256Key(id: "1")]), to: "keys.json")
        try await withTokens(.test([.es256], .file(file))) { (tokens: ExternalTokens) async throws -> Void in
            try await keeping(tokens) { () async throws -> Void in
                #expect(try await refusal(tokens, token(old, "1")) == nil)
                #expect(try await refusal(tokens, token(new, "2")) != nil)
                try scratch.write(try TestIssuer.keys([old.p256Key(id: "1"), new.p256Key(id: "2")]), to: "keys.json")
                try await eventually("a new key") { await refusal(tokens, (try? token(new, "2")) ?? "") == nil }
                #expect(try await refusal(tokens, token(old, "1")) == nil)
                // The former key is taken away.
                try scratch.write(try TestIssuer.keys([new.p256Key(id: "2")]), to: "keys.json")
                try await eventually("no old key") { await refusal(tokens, (try? token(old, "1")) ?? "") != nil }
                // A file that is no good, or gone, changes nothing.
                for text in ["", "nonsense", #"{"keys":[]}"#] {
                    try scratch.write(text, to: "keys.json")
                    try await Task.sleep(for: .milliseconds(100))
                    #expect(try await refusal(tokens, token(new, "2")) == nil)
                }
            }
        }
    }

    @Test func aSharedSecretIsRenewed() async throws {
        let file = try scratch.write(TestIssuer.secret, to: "secret")
        try await withTokens(.test([.hs256], .secret(file: file))) { (tokens: ExternalTokens) async throws -> Void in
            try await keeping(tokens) { () async throws -> Void in
                let token = try TestIssuer.hs256()
                #expect(await refusal(tokens, token) == nil)
                try scratch.write("another secret that is just as long as the other", to: "secret")
                try await eventually("the former secret is void") { await refusal(tokens, token) != nil }
            }
        }
    }

    /// A node with a file that cannot be used does not start, and says why.
    @Test func filesThatCannotBeUsed() async throws {
        let privateKey = try scratch.write(old.p256.pemRepresentation, to: "private.pem")
        let jwk = try TestIssuer.keys([old.p256Key(id: "1").merging(["d": "AAAA"]) { $1 }])
        let small = #"{"keys":[{"kty":"RSA","kid":"1","n":"\#(String(repeating: "_", count: 171))","e":"AQAB"}]}"#
        let cases: [(Issuer.KeyPlace, Set<SigningAlgorithm>, String)] = [
            (.secret(file: scratch.path + "/none"), [.hs256], "cannot be opened"),
            (.secret(file: try scratch.write("too short", to: "short")), [.hs256], "32 bytes at least, and this has 9"),
            (.file(privateKey), [.es256], "this is a private key"),
            (.file(try scratch.write("nonsense", to: "nonsense")), [.es256], "no public key for ES256"),
            (
                .file(try scratch.write(old.rsa.publicKey.pemRepresentation, to: "rsa.pem")), [.es256],
                "no public key for ES256"
            ),
            (
                .file(try scratch.write(old.rsa.publicKey.pemRepresentation, to: "rsa2.pem")), [.rs256, .es256],
                "one algorithm"
            ),
            (.file(try scratch.write("{}", to: "empty.json")), [.es256], "no JWK Set"),
            // A private key, one of another algorithm, one for encryption, and one that is too small.
            (.file(try scratch.write(jwk, to: "private.json")), [.es256], "no key that could be used"),
            (
                .file(try scratch.write(try TestIssuer.keys([old.p256Key(id: "1")]), to: "ec.json")), [.rs256],
                "no key that could be used"
            ),
            (
                .file(
                    try scratch.write(
                        try TestIssuer.keys([old.p256Key(id: "1").merging(["use": "enc"]) { $1 }]), to: "enc.json")),
                [.es256], "no key that could be used"
            ),
            (.file(try scratch.write(small, to: "small.json")), [.rs256], "no key that could be used"),
            (.file(try scratch.write(String(repeating: " ", count: 300_000), to: "large")), [.es256], "larger than"),
        ]
        for (place, algorithms, says) in cases {
            do {
                try await withTokens(.test(algorithms, place)) { (_: ExternalTokens) async throws -> Void in
                    Issue.record("\(place) is good")
                }
            } catch {
                #expect("\(error)".contains(says), "\(error)")
            }
        }
    }

    // MARK: URLs

    private func remote(
        _ server: KeyServer, refresh: Duration = .seconds(3_600), unknown: Duration = .milliseconds(1)
    ) -> Issuer {
        var issuer = Issuer.test([.es256], .url(server.url))
        issuer.refreshInterval = refresh
        issuer.unknownKeyInterval = unknown
        return issuer
    }

    @Test func anUnknownKeyIsAskedFor() async throws {
        try await withKeyServer(.keys(try TestIssuer.keys([old.p256Key(id: "1")]))) {
            (server: KeyServer) async throws -> Void in
            try await withTokens(remote(server)) { (tokens: ExternalTokens) async throws -> Void in
                #expect(try await refusal(tokens, token(old, "1")) == nil && server.requests == 1)
                server.answer(.keys(try TestIssuer.keys([new.p256Key(id: "2")])))
                #expect(try await refusal(tokens, token(new, "2")) == nil && server.requests == 2)
                #expect(try await refusal(tokens, token(old, "1")) == "the issuer has no such key")
            }
        }
    }

    /// Made-up names of keys must not make the node ask again and again.
    @Test func unknownKeysAreNotAskedForAllTheTime() async throws {
        try await withKeyServer(.keys(try TestIssuer.keys([old.p256Key(id: "1")]))) {
            (server: KeyServer) async throws -> Void in
            try await withTokens(remote(server, unknown: .seconds(3_600))) {
                (tokens: ExternalTokens) async throws -> Void in
                for id in 0..<50 { #expect(try await refusal(tokens, token(new, "made-up-\(id)")) != nil) }
                #expect(server.requests == 1)
            }
        }
    }

    @Test func manyThatComeAtOnceAskOnce() async throws {
        try await withKeyServer(.keys(try TestIssuer.keys([old.p256Key(id: "1")]))) {
            (server: KeyServer) async throws -> Void in
            try await withTokens(remote(server, unknown: .seconds(1))) {
                (tokens: ExternalTokens) async throws -> Void in
                try await Task.sleep(for: .milliseconds(1_050))
                server.answer(.keys(try TestIssuer.keys([new.p256Key(id: "2")])))
                let token = try token(new, "2")
                let refused = await withTaskGroup(of: String?.self) { group in
                    for _ in 0..<40 { group.addTask { await refusal(tokens, token) } }
                    return await group.reduce(into: [String?]()) { $0.append($1) }
                }
                #expect(refused.allSatisfy { $0 == nil } && server.requests == 2)
            }
        }
    }

    @Test func keysAreFetchedNowAndThen() async throws {
        try await withKeyServer(.keys(try TestIssuer.keys([old.p256Key(id: "1")]))) {
            (server: KeyServer) async throws -> Void in
            try await withTokens(remote(server, refresh: .milliseconds(50), unknown: .seconds(3_600))) {
                (tokens: ExternalTokens) async throws -> Void in
                try await keeping(tokens) { () async throws -> Void in
                    server.answer(.keys(try TestIssuer.keys([new.p256Key(id: "2")])))
                    try await eventually("a new key") { await refusal(tokens, (try? token(new, "2")) ?? "") == nil }
                    #expect(try await refusal(tokens, token(old, "1")) != nil)
                }
            }
        }
    }

    /// Whatever the issuer's server does, what was read last stays good.
    @Test(arguments: [
        KeyServer.Answer.status(.internalServerError), .status(.notFound), .status(.noContent), .keys("nonsense"),
        .keys(#"{"keys":[]}"#),
        .keys("{" + String(repeating: " ", count: 300_000)), .redirect("http://127.0.0.1:9/"), .silence, .trickle,
    ])
    func theFormerKeysGoOn(answer: KeyServer.Answer) async throws {
        try await withKeyServer(.keys(try TestIssuer.keys([old.p256Key(id: "1")]))) {
            (server: KeyServer) async throws -> Void in
            try await withTokens(remote(server)) { (tokens: ExternalTokens) async throws -> Void in
                server.answer(answer)
                #expect(try await refusal(tokens, token(new, "2")) == "the issuer has no such key")
                #expect(server.requests == 2)
                #expect(try await refusal(tokens, token(old, "1")) == nil)
            }
        }
    }

    /// A node starts without the keys, says that it cannot tell, and has them as soon as they are there.
    @Test func aServerThatIsNotThereYet() async throws {
        try await withKeyServer(.status(.serviceUnavailable)) { (server: KeyServer) async throws -> Void in
            try await withTokens(remote(server, unknown: .seconds(3_600))) {
                (tokens: ExternalTokens) async throws -> Void in
                let token = try token(old, "1")
                await #expect(throws: StoreError.self) { try await tokens.verify(token) }
                server.answer(.keys(try TestIssuer.keys([old.p256Key(id: "1")])))
                try await keeping(tokens) { () async throws -> Void in
                    try await eventually("the key counts") { await refusal(tokens, token) == nil }
                }
            }
        }
        var dead = Issuer.test([.es256], .url("http://127.0.0.1:9/keys"))
        dead.unknownKeyInterval = .milliseconds(1)
        try await withTokens(dead) { (tokens: ExternalTokens) async throws -> Void in
            await #expect(throws: StoreError.self) { try await tokens.verify(try token(old, "1")) }
        }
    }
}
