import Crypto
import Foundation

/// A key for HMAC-SHA256 (RFC 2104), prepared: what of an HMAC depends on the key alone is computed once.
struct SigningKey: Sendable {
    private let prepared: HMAC<SHA256>

    init(_ key: SymmetricKey) {
        self.prepared = HMAC(key: key)
    }

    /// Comparing it takes the same time wherever the difference is.
    func code(for text: some StringProtocol) -> HMAC<SHA256>.MAC {
        var hmac = self.prepared
        hmac.update(data: Data(text.utf8))
        return hmac.finalize()
    }
}
