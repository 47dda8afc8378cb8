/// What tokens may be signed with (RFC 7518, RFC 8037). Each fits one kind of key, and a key is made for one of them: what
/// a token's header says can choose among an issuer's keys, and never how a key is used.
public enum SigningAlgorithm: String, CaseIterable, Sendable {
    case hs256 = "HS256"
    case rs256 = "RS256"
    case es256 = "ES256"
    case edDSA = "EdDSA"

    /// Whether whoever can check a signature can also make one.
    var isSymmetric: Bool { self == .hs256 }
}
