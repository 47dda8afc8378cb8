import ChatProtocol
import Crypto
import CryptoExtras
import Foundation
import Testing

/// An issuer's end: signs whatever a test wants, right or wrong, without the library that checks it.
struct TestIssuer {
    static let name = "https://shop.example"
    static let audience = "chat"
    static let now: Int64 = 1_800_000_000_000
    /// In seconds, as claims have it.
    static let nowSeconds = now / 1_000

    static let secret = "a shared secret that is long enough, 32 bytes at least"

    let rsa: _RSA.Signing.PrivateKey
    let p256 = P256.Signing.PrivateKey()
    let ed25519 = Curve25519.Signing.PrivateKey()

    init() throws {
        rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    }

    /// Claims that are all right; a test changes some.
    static func claims(_ change: [String: Any?] = [:]) -> [String: Any] {
        var claims: [String: Any] = [
            "iss": name, "aud": audience, "sub": "42", "name": "Ann", "exp": nowSeconds + 600,
        ]
        for (name, value) in change { claims[name] = value }
        return claims
    }

    static func json(_ object: Any) throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self)
    }

    static func encoded(_ text: String) -> String { Base64URL.encode(Array(text.utf8)) }

    /// A token of texts as they are.
    static func token(header: String, claims: String, sign: (Data) throws -> Data) rethrows -> String {
        let signed = encoded(header) + "." + encoded(claims)
        return signed + "." + Base64URL.encode(Array(try sign(Data(signed.utf8))))
    }

    static func hmac(_ secret: some DataProtocol) -> (Data) -> Data {
        { Data(HMAC<SHA256>.authenticationCode(for: $0, using: SymmetricKey(data: Data(secret)))) }
    }

    static func hs256(_ claims: [String: Any] = claims(), header: [String: Any] = ["alg": "HS256"]) throws -> String {
        token(header: try json(header), claims: try json(claims), sign: hmac(Data(secret.utf8)))
    }

    func rs256(_ claims: [String: Any] = claims(), header: [String: Any] = ["alg": "RS256"]) throws -> String {
        try Self.token(header: try Self.json(header), claims: try Self.json(claims)) { data in
            try rsa.signature(for: SHA256.hash(data: data), padding: .insecurePKCS1v1_5).rawRepresentation
        }
    }

    func es256(_ claims: [String: Any] = claims(), header: [String: Any] = ["alg": "ES256"]) throws -> String {
        try Self.token(header: try Self.json(header), claims: try Self.json(claims)) { data in
            try p256.signature(for: SHA256.hash(data: data)).rawRepresentation
        }
    }

    func edDSA(_ claims: [String: Any] = claims(), header: [String: Any] = ["alg": "EdDSA"]) throws -> String {
        try Self.token(header: try Self.json(header), claims: try Self.json(claims)) { try ed25519.signature(for: $0) }
    }

    // MARK: What it publishes

    func rsaKey(id: String) throws -> [String: Any] {
        let primitives = try rsa.publicKey.getKeyPrimitives()
        return [
            "kty": "RSA", "kid": id, "alg": "RS256", "use": "sig", "n": Base64URL.encode(primitives.modulus),
            "e": Base64URL.encode(primitives.publicExponent),
        ]
    }

    func p256Key(id: String) -> [String: Any] {
        let point = p256.publicKey.rawRepresentation
        return [
            "kty": "EC", "crv": "P-256", "kid": id, "x": Base64URL.encode(point.prefix(32)),
            "y": Base64URL.encode(point.suffix(32)),
        ]
    }

    func ed25519Key(id: String) -> [String: Any] {
        [
            "kty": "OKP", "crv": "Ed25519", "kid": id, "key_ops": ["verify"],
            "x": Base64URL.encode(ed25519.publicKey.rawRepresentation),
        ]
    }

    static func keys(_ keys: [[String: Any]]) throws -> String { try json(["keys": keys]) }
}
