import ChatProtocol
import NIOCore

/// The keys an issuer has now.
struct KeySet: Sendable {
    /// An issuer with more keys than this has made a mistake.
    static let limit = 100
    /// Bytes of a file, or of an answer, that holds keys.
    static let byteLimit = 256 * 1024

    let keys: [VerificationKey]

    /// - Throws: ``KeyFailure`` when there is none.
    init(_ keys: [VerificationKey]) throws {
        guard !keys.isEmpty else { throw KeyFailure("there is no key that could be used") }
        self.keys = keys
    }

    /// The key that a token names, if it fits the token's algorithm. The only key of a set that has no name fits all
    /// names; a token that names none gets the only key of its algorithm.
    func key(id: String?, algorithm: SigningAlgorithm) -> VerificationKey? {
        let fitting = self.keys.filter { $0.algorithm == algorithm }
        guard let id else { return fitting.count == 1 ? fitting.first : nil }
        if let key = fitting.first(where: { $0.id == id }) { return key }
        return self.keys.count == 1 && self.keys.first?.id == nil ? fitting.first : nil
    }

    // MARK: Reading

    /// A file: a JWK Set, or one public key in PEM.
    static func read(_ bytes: [UInt8], for issuer: Issuer) async throws -> KeySet {
        let isJSON = bytes.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "{")
        if isJSON { return try await Self.read(jwks: bytes, for: issuer) }
        guard issuer.algorithms.count == 1, let algorithm = issuer.algorithms.first else {
            throw KeyFailure("a PEM file holds one key: give the issuer one algorithm, or a JWK Set")
        }
        let pem = String(decoding: bytes, as: UTF8.self)
        return try KeySet([await .pem(pem, algorithm: algorithm, id: issuer.keyID)])
    }

    /// A JWK Set (RFC 7517). Keys that are for something else, or of kinds that the issuer does not use, are passed over.
    static func read(jwks bytes: [UInt8], for issuer: Issuer) async throws -> KeySet {
        guard let json = try? JSONValue.parse(ByteBuffer(bytes: bytes)), let members = json["keys"]?.array else {
            throw KeyFailure("this is no JWK Set: an object with 'keys'")
        }
        guard members.count <= Self.limit else { throw KeyFailure("there are more than \(Self.limit) keys") }
        var keys: [VerificationKey] = []
        for member in members {
            guard let algorithm = Self.algorithm(of: member), issuer.algorithms.contains(algorithm) else { continue }
            guard let key = try? await Self.key(member, algorithm) else { continue }
            keys.append(key)
        }
        return try KeySet(keys)
    }

    /// What a key is for; `nil`: nothing that we do. `alg` may be left out; its kind tells as well.
    private static func algorithm(of jwk: JSONValue) -> SigningAlgorithm? {
        let kind: SigningAlgorithm? =
            switch (jwk["kty"]?.string, jwk["crv"]?.string) {
            case ("RSA", _): .rs256
            case ("EC", "P-256"): .es256
            case ("OKP", "Ed25519"): .edDSA
            default: nil
            }
        guard let kind, jwk["alg"].map({ $0.string == kind.rawValue }) ?? true,
            jwk["use"].map({ $0.string == "sig" }) ?? true,
            jwk["key_ops"].map({ $0.array?.contains(.string("verify")) == true }) ?? true,
            // A private key that somebody has published is no key any more.
            jwk["d"] == nil, !jwk.repeatsName
        else { return nil }
        return kind
    }

    private static func key(_ jwk: JSONValue, _ algorithm: SigningAlgorithm) async throws -> VerificationKey {
        func text(_ name: String) throws -> String {
            guard let text = jwk[name]?.string else { throw KeyFailure("a key lacks '\(name)'") }
            return text
        }
        let id = jwk["kid"]?.string
        switch algorithm {
        case .hs256: throw KeyFailure("a JWK Set holds no secrets")
        case .rs256: return try await .rsa(modulus: try text("n"), exponent: try text("e"), id: id)
        case .es256: return try await .p256(x: try text("x"), y: try text("y"), id: id)
        case .edDSA: return try await .ed25519(x: try text("x"), id: id)
        }
    }
}

extension JSONValue {
    /// Whether an object, this or one within, has a name twice: parsers do not agree on which of the two counts.
    var repeatsName: Bool {
        switch self {
        case .object(let members):
            Set(members.map(\.name)).count < members.count || members.contains { $0.value.repeatsName }
        case .array(let values): values.contains { $0.repeatsName }
        default: false
        }
    }
}
