import ChatCore
import ChatProtocol
import Crypto
import Foundation

/// Links to attachments, signed with the cluster's secret, so that every node knows its own kind.
struct SignedLinks: AttachmentLinks {
    private let key: SigningKey
    /// For how long a link is good, in milliseconds.
    private let lifetime: Int64

    init(secret: some ContiguousBytes, lifetime: Duration) {
        // A key of its own: what is signed here can never pass for a token.
        let purpose = Data("martlet attachment links".utf8)
        let code = secret.withUnsafeBytes { secret in
            HMAC<SHA256>.authenticationCode(for: purpose, using: SymmetricKey(data: Data(secret)))
        }
        self.key = SigningKey(SymmetricKey(data: code))
        self.lifetime = lifetime.components.seconds * 1_000
    }

    func url(of id: AttachmentID, now: Int64) -> String {
        // Whole hours make one link of many, which browsers keep what they fetched under.
        let hour: Int64 = 3_600_000
        let expires = (now + self.lifetime + hour - 1) / hour * hour
        let signature = self.key.code(for: Self.signed(id, "\(expires)"))
        return "/attachments/\(id)?expires=\(expires)&signature=\(Self.hexadecimal(signature))"
    }

    func isValid(_ id: AttachmentID, expires: String?, signature: String?, now: Int64) -> Bool {
        guard let expires, let end = Int64(expires), end > now, let code = signature.flatMap(Self.bytes) else {
            return false
        }
        return self.key.code(for: Self.signed(id, expires)) == code
    }

    private static func signed(_ id: AttachmentID, _ expires: String) -> String {
        "\(id)\n\(expires)"
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
