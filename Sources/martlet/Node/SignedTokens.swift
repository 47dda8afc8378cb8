import ChatCore
import ChatProtocol
import Crypto
import Foundation
import NIOCore

/// Session tokens: who somebody is, signed with the cluster's secret, so that every node knows its own kind.
///
/// A token is `base64url(JSON) . base64url(HMAC-SHA256 of the first part)`. It holds nothing secret, but whoever has it
/// is that user.
struct SignedTokens: Identities {
    private let key: SymmetricKey

    init(secret: some ContiguousBytes) {
        self.key = SymmetricKey(data: SHA256.hash(data: secret.withUnsafeBytes { Data($0) }))
    }

    func token(for identity: Identity) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.field("user", identity.user.string)
        json.field("name", identity.name.string)
        json.endObject()
        let claims = Self.text(Data(json.buffer.readableBytesView))
        return claims + "." + Self.text(Data(self.signature(of: claims)))
    }

    func verify(_ token: String) -> Identity? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard token.utf8.count <= 1_024, parts.count == 2, let signature = Self.data(parts[1]),
            HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: Data(parts[0].utf8), using: self.key),
            let claims = Self.data(parts[0]), let json = try? JSONValue.parse(.init(bytes: claims)),
            let user = json["user"]?.string.flatMap({ UserID($0) }),
            let name = json["name"]?.string.flatMap({ DisplayName($0) })
        else { return nil }
        return Identity(user: user, name: name)
    }

    private func signature(of claims: String) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Data(claims.utf8), using: self.key)
    }

    /// RFC 4648, section 5, without padding.
    private static func text(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func data(_ text: Substring) -> Data? {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: standard + String(repeating: "=", count: (4 - standard.count % 4) % 4))
    }
}
