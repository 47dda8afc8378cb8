import Logging
import Subprocess
import SystemPackage

/// One private server's life after another's: each call of ``live(onReady:)`` starts a process and waits for its end.
struct PrivateRedisServer: Sendable {
    let paths: PrivateRedisPaths
    let executable: FilePath
    /// Where the server's shell looks for programs.
    let searchPath: String?
    let timing: PrivateRedisTiming
    let logger: Logger

    /// How a life ended that nobody asked to end.
    struct Ending: Error, Sendable {
        let status: TerminationStatus
        /// The last lines of the server's log, oldest first.
        let log: [String]
        /// Whether the server had answered before.
        let wasReady: Bool
    }

    /// Starts the server and returns when it has ended. Cancelling ends it: SIGTERM, which makes Redis write and sync
    /// its append-only file, and after 10 s SIGKILL.
    ///
    /// - Parameter onReady: called once, when the server answers.
    /// - Throws: ``UserFacingError`` when it cannot start or does not answer in time.
    func live(onReady: @escaping @Sendable () -> Void) async throws -> Ending {
        let lock = try await PrivateRedisLeftover(paths: paths, timing: timing, logger: logger).clear()
        defer { lock.release() }
        guard let lockForServer = try lock.duplicate() else { throw CancellationError() }
        let tail = LogTail()
        let ready = ReadyFlag()

        let result = try await Subprocess.run(
            PrivateRedisCommand.configuration(server: executable, paths: paths, path: searchPath),
            input: .inputWriter,
            output: .sequence,
            error: .fileDescriptor(lockForServer, closeAfterSpawningProcess: true)
        ) { execution in
            // From here on the lock is the server's alone; the group's id tells an operator what to end.
            try lock.write("\(execution.processIdentifier.value)\n")
            lock.release()
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await waitUntilReady(tail: tail)
                    ready.set()
                    onReady()
                }
                group.addTask {
                    for try await line in execution.standardOutput.strings() {
                        tail.append(line)
                        log(RedisLogLine(line), isReady: ready.isSet)
                    }
                    // The log ends with the server: no use in asking it any longer.
                    throw EndOfLog()
                }
                do {
                    for try await _ in group {}
                } catch is EndOfLog {
                    group.cancelAll()
                }
            }
        }
        return Ending(status: result.terminationStatus, log: tail.snapshot, wasReady: ready.isSet)
    }

    private struct EndOfLog: Error {}

    private func log(_ line: RedisLogLine, isReady: Bool) {
        let isNews = line.isWarning && isReady && !Task.isCancelled
        logger.log(level: isNews ? .warning : .debug, "redis-server: \(line.text)")
    }

    private func waitUntilReady(tail: LogTail) async throws {
        let clock = ContinuousClock()
        var deadline = clock.now + timing.answerDeadline
        let loadingDeadline = clock.now + timing.loadingDeadline
        var saidLoading = false
        while clock.now < deadline {
            switch await RedisProbe.ask("PING", socket: paths.socket, within: .seconds(1)) {
            case .line(let line) where line.hasPrefix("+PONG"):
                return
            case .line(let line) where line.hasPrefix("-LOADING"):
                // It works, it only has much to read: that may take as long as the history is large.
                deadline = min(clock.now + timing.answerDeadline, loadingDeadline)
                if !saidLoading { logger.info("the private Redis reads its history; this can take a while") }
                saidLoading = true
            default:
                break
            }
            try await Task.sleep(for: timing.pollInterval)
        }
        let lines = tail.snapshot.suffix(3).map { RedisLogLine($0).text }.joined(separator: " | ")
        throw UserFacingError(
            "the private Redis in \(paths.dataDirectory) does not answer; its log ends with: \(lines)"
        )
    }
}
