internal import Subprocess

/// `redis-cli`, for what a test does behind the back of the client under test.
enum RedisCLI {
    static func run(_ arguments: [String], failureIsFatal: Bool = true) async throws -> [String] {
        let result = try await Subprocess.run(
            .name("redis-cli"),
            arguments: Arguments(["--no-auth-warning"] + arguments),
            output: .string(limit: 16 << 20),
            error: .string(limit: 1 << 20)
        )
        let lines = (result.standardOutput + result.standardError).split(separator: "\n").map(String.init)
        if failureIsFatal && !result.terminationStatus.isSuccess { throw RedisCLIError(output: lines) }
        return lines
    }
}

struct RedisCLIError: Error {
    var output: [String]
}
