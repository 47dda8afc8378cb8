import Foundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import martlet

/// A real node in a process of its own, to be killed.
struct NodeProcess: Sendable {
    let pid: pid_t
    private let run: Task<TerminationStatus?, Never>

    /// Starts `martlet serve` and waits for its private Redis.
    static func start(data: String) async throws -> NodeProcess {
        let (pids, continuation) = AsyncStream.makeStream(of: pid_t.self)
        let run = Task<TerminationStatus?, Never> {
            let result = try? await Subprocess.run(
                .path(MartletProgram.path),
                arguments: ["serve", "--data", data, "--port", "0"],
                input: .none,
                output: .discarded,
                error: .discarded
            ) { execution in
                continuation.yield(execution.processIdentifier.value)
                continuation.finish()
            }
            continuation.finish()
            return result?.terminationStatus
        }
        let pid = try #require(await pids.first { _ in true })
        let node = NodeProcess(pid: pid, run: run)
        try await eventually("the node has its Redis") {
            FileManager.default.fileExists(atPath: data + "/redis.url")
        }
        return node
    }

    /// As the kernel does when memory is short: nothing can be cleaned up.
    func kill() async {
        ForeignProcess.send(.kill, to: pid)
        _ = await run.value
    }

    /// As an init system does.
    func end() async -> TerminationStatus? {
        ForeignProcess.send(.terminate, to: pid)
        return await run.value
    }
}
