import Crypto
import CryptoExtras
import Foundation
import NIOPosix
import Synchronization

/// Hashes passwords with scrypt (RFC 7914), off the event loops, two at once.
///
/// A hash takes 128 MiB and some tenths of a second: that is what it is for, and why there must never be many of them.
final class PasswordHasher: Sendable {
    struct Busy: Error {}

    /// N = 2^17, r = 8, p = 1, as OWASP's Password Storage Cheat Sheet has it.
    struct Cost: Sendable, Equatable {
        var logN = 17
        var blockSize = 8
        var parallelism = 1
    }

    private let pool = NIOThreadPool(numberOfThreads: 2)
    private let waiting = Atomic(0)
    private let cost: Cost
    /// Hashes under way and waiting; more are refused.
    private static let limit = 16

    init(cost: Cost = Cost()) {
        self.cost = cost
        self.pool.start()
    }

    /// `scrypt$logN$r$p$salt$hash`, the last two in base64.
    @concurrent func hash(_ password: String) async throws -> String {
        let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        let hash = try await self.derive(password, salt: salt, cost: self.cost)
        let cost = "\(self.cost.logN)$\(self.cost.blockSize)$\(self.cost.parallelism)"
        return "scrypt$\(cost)$\(Data(salt).base64EncodedString())$\(hash.base64EncodedString())"
    }

    /// Whether a password has this hash. Takes as long when there is none to compare with.
    @concurrent func isRight(_ password: String, for stored: String?) async throws -> Bool {
        let parts = (stored ?? "").split(separator: "$")
        guard parts.count == 6, parts[0] == "scrypt", let logN = Int(parts[1]), (1...20).contains(logN),
            let blockSize = Int(parts[2]), (1...32).contains(blockSize), let parallelism = Int(parts[3]),
            (1...16).contains(parallelism), let salt = Data(base64Encoded: String(parts[4])),
            let expected = Data(base64Encoded: String(parts[5]))
        else {
            _ = try await self.derive(password, salt: [UInt8](repeating: 0, count: 16), cost: self.cost)
            return false
        }
        let cost = Cost(logN: logN, blockSize: blockSize, parallelism: parallelism)
        let hash = try await self.derive(password, salt: Array(salt), cost: cost)
        // Comparing keys takes the same time wherever they differ.
        return SymmetricKey(data: hash) == SymmetricKey(data: expected)
    }

    @concurrent private func derive(_ password: String, salt: [UInt8], cost: Cost) async throws -> Data {
        guard self.waiting.add(1, ordering: .relaxed).newValue <= Self.limit else {
            self.waiting.subtract(1, ordering: .relaxed)
            throw Busy()
        }
        defer { self.waiting.subtract(1, ordering: .relaxed) }
        return try await self.pool.runIfActive {
            let key = try KDF.Scrypt.deriveKey(
                from: Data(password.utf8), salt: salt, outputByteCount: 32, rounds: 1 << cost.logN,
                blockSize: cost.blockSize, parallelism: cost.parallelism, maxMemory: 1 << 30
            )
            return key.withUnsafeBytes { Data($0) }
        }
    }
}
