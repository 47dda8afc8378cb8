import Foundation
import JWTKit

/// One key of an issuer, bound to its algorithm. Immutable; may be used on any thread.
struct VerificationKey: Sendable {
    /// What tokens name it by (`kid`); `nil` where an issuer has only this one and did not name it.
    let id: String?
    let algorithm: SigningAlgorithm
    private let verifier: any JWTAlgorithm

    /// RFC 7518, section 3.2: a shared secret has as many bytes as the hash at least.
    static let secretBytes = 32

    private init(id: String?, algorithm: SigningAlgorithm, _ keys: JWTKeyCollection) async throws {
        self.id = id
        self.algorithm = algorithm
        self.verifier = try await keys.getKey()
    }

    /// Takes some tens of microseconds.
    func isValid(_ signature: [UInt8], of signed: [UInt8]) -> Bool {
        (try? self.verifier.verify(signature, signs: signed)) ?? false
    }

    // MARK: Making one

    static func secret(_ bytes: [UInt8], id: String?) async throws -> VerificationKey {
        guard bytes.count >= Self.secretBytes else {
            throw KeyFailure("a shared secret has \(Self.secretBytes) bytes at least, and this has \(bytes.count)")
        }
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: bytes), digestAlgorithm: .sha256)
        return try await VerificationKey(id: id, algorithm: .hs256, keys)
    }

    /// - Parameter pem: a public key; a private one is refused, for it has no business here.
    static func pem(_ pem: String, algorithm: SigningAlgorithm, id: String?) async throws -> VerificationKey {
        guard !pem.contains("PRIVATE KEY") else {
            throw KeyFailure("this is a private key: put the public one here (openssl pkey -pubout)")
        }
        do {
            switch algorithm {
            case .hs256: throw KeyFailure("HS256 takes a secret, and no PEM")
            case .rs256: return try await .made(Insecure.RSA.PublicKey(pem: pem), id: id)
            case .es256: return try await .made(ES256PublicKey(pem: pem), id: id)
            case .edDSA: return try await .made(EdDSA.PublicKey(pem: pem), id: id)
            }
        } catch let error as KeyFailure {
            throw error
        } catch {
            throw KeyFailure("this is no public key for \(algorithm.rawValue) in PEM")
        }
    }

    /// - Parameters:
    ///   - modulus: base64url, as in a JWK; 2048 bits at least.
    static func rsa(modulus: String, exponent: String, id: String?) async throws -> VerificationKey {
        try await .made(Insecure.RSA.PublicKey(modulus: modulus, exponent: exponent), id: id)
    }

    /// - Parameters:
    ///   - x: base64url, as in a JWK.
    static func p256(x: String, y: String, id: String?) async throws -> VerificationKey {
        try await .made(ES256PublicKey(parameters: (x, y)), id: id)
    }

    /// - Parameter x: base64url, as in a JWK.
    static func ed25519(x: String, id: String?) async throws -> VerificationKey {
        try await .made(EdDSA.PublicKey(x: x, curve: .ed25519), id: id)
    }

    private static func made(_ key: Insecure.RSA.PublicKey, id: String?) async throws -> VerificationKey {
        let keys = JWTKeyCollection()
        await keys.add(rsa: key, digestAlgorithm: .sha256)
        return try await VerificationKey(id: id, algorithm: .rs256, keys)
    }

    private static func made(_ key: ES256PublicKey, id: String?) async throws -> VerificationKey {
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: key)
        return try await VerificationKey(id: id, algorithm: .es256, keys)
    }

    private static func made(_ key: EdDSA.PublicKey, id: String?) async throws -> VerificationKey {
        let keys = JWTKeyCollection()
        await keys.add(eddsa: key)
        return try await VerificationKey(id: id, algorithm: .edDSA, keys)
    }
}

/// Why keys cannot be had, in words for operators. Holds nothing secret.
struct KeyFailure: Error, Equatable, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
