import ChatCore
import ChatProtocol
import NIOCore

/// A JSON Web Token in compact form (RFC 7515, section 7.1), read strictly and not yet believed.
struct WebToken: Sendable {
    /// Longer ones are refused unread.
    static let byteLimit = 8 * 1024

    let algorithm: String
    let keyID: String?
    let claims: JSONValue
    /// What the signature is of.
    let signed: [UInt8]
    let signature: [UInt8]

    /// Whether a text looks like one: the cluster's own tokens have two parts.
    static func isLike(_ text: String) -> Bool {
        text.utf8.count { $0 == UInt8(ascii: ".") } == 2
    }

    init(_ text: String) throws(InvalidToken) {
        guard text.utf8.count <= Self.byteLimit else { throw InvalidToken("the token is too long") }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = Self.bytes(parts[2]), !signature.isEmpty
        else { throw InvalidToken("this is no signed token") }
        guard let algorithm = header["alg"]?.string else { throw InvalidToken("the token names no algorithm") }
        // RFC 7515, section 4.1.11: whoever does not know what it names must refuse.
        guard !header.has("crit") else { throw InvalidToken("the token asks for extensions") }
        guard !header.has("kid") || header["kid"]?.string != nil else { throw InvalidToken("'kid' must be a string") }
        guard Self.isToken(type: header) else { throw InvalidToken("the token is of another type") }
        self.algorithm = algorithm
        self.keyID = header["kid"]?.string
        self.claims = claims
        self.signed = Array(parts[0].utf8) + [UInt8(ascii: ".")] + Array(parts[1].utf8)
        self.signature = signature
    }

    /// RFC 8725, section 3.11: tokens that are something else say so.
    private static func isToken(type header: JSONValue) -> Bool {
        guard header.has("typ") else { return true }
        guard let type = header["typ"]?.string?.lowercased() else { return false }
        return ["jwt", "at+jwt", "application/jwt", "application/at+jwt"].contains(type)
    }

    private static func object(_ part: Substring) -> JSONValue? {
        guard let bytes = Self.bytes(part), let json = try? JSONValue.parse(ByteBuffer(bytes: bytes)),
            json.object != nil, !json.repeatsName
        else { return nil }
        return json
    }

    /// Only as it would be written: no two texts are one token.
    private static func bytes(_ part: Substring) -> [UInt8]? {
        guard let bytes = Base64URL.decode(part), Base64URL.encode(bytes) == part else { return nil }
        return bytes
    }
}

extension JSONValue {
    /// Whether an object has a member, be it `null`.
    func has(_ name: String) -> Bool {
        self.object?.contains { $0.name == name } == true
    }
}
