import Foundation
import Subprocess
import SystemPackage

/// The built `martlet`, which lies beside the tests.
enum MartletProgram {
    static var path: FilePath {
        let tests =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return FilePath(tests).removingLastComponent().appending("martlet")
    }

    struct Outcome {
        let status: TerminationStatus
        let output: String
        let error: String
    }

    /// Runs it to its end with an environment of just what is given.
    static func run(_ arguments: [String], environment: [Environment.Key: String] = [:]) async throws -> Outcome {
        var environment = environment
        environment["PATH"] = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        let result = try await Subprocess.run(
            .path(path),
            arguments: Arguments(arguments),
            environment: .custom(environment),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        return Outcome(
            status: result.terminationStatus,
            output: result.standardOutput,
            error: result.standardError
        )
    }
}
