import Subprocess
import Testing

@testable import martlet

/// What a person sees of the built program.
struct ProgramTests {
    @Test func version() async throws {
        let outcome = try await MartletProgram.run(["--version"])
        #expect(outcome.status == .exited(0))
        #expect(outcome.output == "\(Version.current)\n")
    }

    @Test func withoutACommandItHelps() async throws {
        let outcome = try await MartletProgram.run([])
        #expect(outcome.status == .exited(0))
        for command in ["serve", "presence", "nodes", "health"] { #expect(outcome.output.contains(command)) }
    }

    static let mistakes: [(arguments: String, exitCode: CInt)] = [
        ("serve --bogus", 64), ("bogus", 64), ("serve --port 99999", 64), ("serve --port", 64),
        ("serve --config /nonexistent", 1), ("serve --data /proc/nonexistent", 1),
        ("health --url ftp://x", 64), ("health --url http://127.0.0.1:1/", 1), ("health --timeout soon", 64),
        ("presence --data /nonexistent", 1), ("presence --limit 0", 64), ("nodes --redis unix:///nonexistent", 1),
    ]

    @Test(arguments: mistakes)
    func mistakesGetOneLine(arguments: String, exitCode: CInt) async throws {
        let outcome = try await MartletProgram.run(arguments.split(separator: " ").map(String.init))
        #expect(outcome.status == .exited(exitCode))
        #expect(outcome.error.hasPrefix("martlet: "))
        #expect(outcome.error.count { $0 == "\n" } == 1, "\(outcome.error)")
        #expect(outcome.error.last == "\n")
    }
}
