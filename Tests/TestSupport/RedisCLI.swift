internal import Dispatch
internal import Foundation

/// `redis-cli`, for what a test does behind the back of the client under test.
enum RedisCLI {
    static func run(_ arguments: [String], failureIsFatal: Bool = true) async throws -> [String] {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try runBlocking(arguments, failureIsFatal: failureIsFatal) })
            }
        }
    }

    private static func runBlocking(_ arguments: [String], failureIsFatal: Bool) throws -> [String] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["redis-cli", "--no-auth-warning"] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        if failureIsFatal && process.terminationStatus != 0 { throw RedisCLIError(output: lines) }
        return lines
    }
}

struct RedisCLIError: Error {
    var output: [String]
}
