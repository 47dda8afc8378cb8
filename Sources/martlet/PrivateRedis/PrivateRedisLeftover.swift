import Logging

/// A server that outlived its node, or is just ending: two on one append-only file would destroy it.
struct PrivateRedisLeftover: Sendable {
    let paths: PrivateRedisPaths
    let timing: PrivateRedisTiming
    let logger: Logger

    /// Ends what is left of an earlier server and waits for it.
    ///
    /// - Returns: the server's lock.
    /// - Throws: ``UserFacingError`` when the earlier server does not end in time.
    func clear() async throws -> FileLock {
        let clock = ContinuousClock()
        let deadline = clock.now + timing.leftoverDeadline
        var hasAsked = false
        while true {
            // The lock alone is not enough: some network file systems grant every flock.
            if let lock = try acquire() {
                switch await RedisProbe.ask("PING", socket: paths.socket, within: .seconds(1)) {
                case .refused: return lock
                default: lock.release()
                }
            }
            if clock.now >= deadline { throw stubborn() }
            if !hasAsked {
                switch await RedisProbe.ask("SHUTDOWN", socket: paths.socket, within: .seconds(2)) {
                case .closed:
                    logger.notice("ended the private Redis that an earlier node left behind")
                    hasAsked = true
                // Refused: it is ending already. An error or silence: ask again, it may be loading or paused.
                case .refused, .line, .silent:
                    break
                }
            }
            try await Task.sleep(for: timing.pollInterval)
        }
    }

    private func acquire() throws -> FileLock? {
        do {
            return try FileLock.acquire(path: paths.serverLock, note: "")
        } catch {
            throw UserFacingError("cannot lock \(paths.serverLock): \(PrivateDirectory.reason(of: error))")
        }
    }

    private func stubborn() -> UserFacingError {
        let group = FileLock.note(path: paths.serverLock).flatMap { Int($0.prefix { $0.isNumber }) }
        let command = group.map { "kill -KILL -- -\($0)" } ?? "fuser -k \(paths.serverLock)"
        return UserFacingError(
            "a redis-server of an earlier run still holds \(paths.serverDirectory) and does not stop: end it with `\(command)`"
        )
    }
}
