import ChatCore
import Foundation
import Logging
import NIOPosix
import Testing

@testable import ExternalTokens

/// A directory of a test's own, removed with it.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/external-tokens-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let file = path + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        return file
    }
}

extension Issuer {
    /// As ``TestIssuer`` signs.
    static func test(
        _ algorithms: Set<SigningAlgorithm>, _ keys: KeyPlace, name: String = TestIssuer.name, prefix: String = "x"
    ) -> Issuer {
        var issuer = Issuer(name: name, audiences: [TestIssuer.audience], algorithms: algorithms, keys: keys)
        issuer.prefix = prefix
        return issuer
    }
}

/// Tokens with their keys read, which end with the test.
func withTokens<Value>(
    _ issuers: Issuer..., operators: Operators = Operators(), now: Int64 = TestIssuer.now,
    _ body: (ExternalTokens) async throws -> Value
) async throws -> Value {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let tokens = ExternalTokens(
        issuers, operators: operators, on: MultiThreadedEventLoopGroup.singleton, logger: logger, now: { now })
    do {
        try await tokens.begin()
        let value = try await body(tokens)
        await tokens.close()
        return value
    } catch {
        await tokens.close()
        throw error
    }
}

/// Why a token was refused; `nil` when it was not.
func refusal(_ tokens: ExternalTokens, _ token: String) async -> String? {
    do {
        _ = try await tokens.verify(token)
        return nil
    } catch let error as InvalidToken {
        return error.reason
    } catch {
        return "\(error)"
    }
}
