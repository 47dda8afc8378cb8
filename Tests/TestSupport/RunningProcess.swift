internal import Foundation

/// A child that ends with the test process, however that ends: a shell beside it waits on a pipe from us and kills it
/// when the pipe closes.
///
/// By `posix_spawn`, because Foundation's `Process` is not made for many at once: `waitUntilExit()` runs a run loop, which
/// on a thread of Swift's pool may wait for ever, and `run()` crashed now and then when many tests began together.
struct RunningProcess: Sendable {
    private let processID: pid_t
    private let shellID: pid_t
    private let lifeline: FileHandle

    /// - Parameter log: where the child's output goes.
    static func start(_ command: String, _ arguments: [String], log: URL) throws -> RunningProcess {
        let script = #"log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!; cat >/dev/null; kill -9 $!; wait $!"#
        let (lifeline, output) = (try Pipe.closedOnExec(), try Pipe.closedOnExec())
        let shellID = try spawn(
            ["/bin/sh", "-c", script, "sh", log.path, command] + arguments,
            input: lifeline.fileHandleForReading, output: output.fileHandleForWriting
        )
        try output.fileHandleForWriting.close()
        try lifeline.fileHandleForReading.close()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let processID = pid_t(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw CannotStart(command: command)
        }
        return RunningProcess(
            processID: processID, shellID: shellID, lifeline: lifeline.fileHandleForWriting)
    }

    private static func spawn(_ command: [String], input: FileHandle, output: FileHandle) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.fileDescriptor, 0)
        posix_spawn_file_actions_adddup2(&actions, output.fileDescriptor, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var arguments = command.map { strdup($0) } + [nil]
        var environment = ProcessInfo.processInfo.environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var shellID: pid_t = 0
        guard posix_spawn(&shellID, "/bin/sh", &actions, nil, &arguments, &environment) == 0 else {
            throw CannotStart(command: command[0])
        }
        return shellID
    }

    func signal(_ signal: Int32) {
        Foundation.kill(processID, signal)
    }

    /// Returns when the child is gone, within a moment: SIGKILL cannot be refused, and the shell ends after it.
    func kill() {
        signal(SIGKILL)
        try? lifeline.close()
        for _ in 0..<5_000 where waitpid(shellID, nil, WNOHANG) == 0 { usleep(1_000) }
    }
}

extension Pipe {
    /// A pipe that no other child inherits: it would keep the pipe open when we close it.
    fileprivate static func closedOnExec() throws -> Pipe {
        let pipe = Pipe()
        for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
            guard fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw CannotStart(command: "pipe") }
        }
        return pipe
    }
}

struct CannotStart: Error {
    var command: String
}
