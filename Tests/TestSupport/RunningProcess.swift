internal import Foundation

/// A child that ends with the test process, however that ends: a shell beside it waits on a pipe from us and kills it
/// when the pipe closes.
struct RunningProcess: Sendable {
    private let processID: pid_t
    private let lifeline: FileHandle

    /// - Parameter log: where the child's output goes.
    static func start(_ command: String, _ arguments: [String], log: URL) throws -> RunningProcess {
        let shell = Process()
        let lifeline = Pipe()
        let output = Pipe()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments =
            [
                "-c", #"log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!; cat >/dev/null; kill -9 $!; wait $!"#,
                "sh", log.path, command,
            ] + arguments
        shell.standardInput = lifeline
        shell.standardOutput = output
        shell.standardError = FileHandle.nullDevice
        try shell.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let processID = pid_t(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw CannotStart(command: command)
        }
        return RunningProcess(processID: processID, lifeline: lifeline.fileHandleForWriting)
    }

    func signal(_ signal: Int32) {
        Foundation.kill(processID, signal)
    }

    /// Returns when the child is gone, within a moment: SIGKILL cannot be refused.
    ///
    /// Looks at the child itself and does not wait for the shell: `Process.waitUntilExit()` runs a run loop, and on a
    /// thread of Swift's pool it may wait for ever once as many tests wait as the pool has threads.
    func kill() {
        signal(SIGKILL)
        try? lifeline.close()
        for _ in 0..<5_000 where isRunning { usleep(1_000) }
    }

    /// A child that has ended but was not reaped yet holds nothing any more.
    private var isRunning: Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8),
            let afterName = status.lastIndex(of: ")")
        else { return false }
        return status[afterName...].dropFirst(2).first != "Z"
    }
}

struct CannotStart: Error {
    var command: String
}
