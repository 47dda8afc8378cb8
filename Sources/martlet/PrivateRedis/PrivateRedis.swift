import Foundation
import Logging
import RedisClient

/// A `redis-server` of the node's own: a unix socket and an append-only file in the data directory, no TCP port.
///
/// It ends with the node, also when the node is killed. When it ends by itself it is started again, with growing
/// pauses. A second node on the same directory is refused.
struct PrivateRedis: Sendable, CustomStringConvertible {
    /// `unix:///…`, the same for all restarts.
    var url: String { paths.url }

    /// The same for the Redis client.
    var endpoint: RedisEndpoint { RedisEndpoint(address: .unixSocket(path: paths.socket)) }

    var description: String { "PrivateRedis(\(url))" }

    /// What happens to the server after the start; the latest 16 are kept for a slow reader. Ends with ``stop()``.
    let events: AsyncStream<Event>

    enum Event: Sendable, Equatable {
        /// The server ended by itself. The text is one line for a log.
        case ended(reason: String)
        /// A restarted server answers.
        case restarted
    }

    private let paths: PrivateRedisPaths
    private let lock: FileLock
    private let supervision: Task<Void, Never>

    /// Starts the server and returns when it answers.
    ///
    /// - Parameters:
    ///   - dataDirectory: absolute; made with mode 0700 when it is missing.
    ///   - environment: `PATH` finds `redis-server`; `XDG_RUNTIME_DIR` is where the socket goes when the directory's path
    ///     is too long for one.
    /// - Throws: ``UserFacingError`` when the directory is in use or unusable, when no `redis-server` is installed, or
    ///   when it does not come up; `CancellationError`.
    static func start(
        dataDirectory: String,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        timing: PrivateRedisTiming = PrivateRedisTiming(),
        logger: Logger
    ) async throws -> PrivateRedis {
        let paths = PrivateRedisPaths(dataDirectory: dataDirectory, environment: environment)
        try PrivateDirectory.create(paths.dataDirectory)
        let lock = try await lockDirectory(paths)
        // A killed node left it; until the server answers it would send others to nobody.
        paths.withdrawURL()
        try PrivateDirectory.create(paths.serverDirectory)
        try PrivateDirectory.createTrusted(paths.socketDirectory)
        let server = PrivateRedisServer(
            paths: paths,
            executable: try await RedisServerExecutable.find(searchPath: environment["PATH"]),
            searchPath: environment["PATH"],
            timing: timing,
            logger: logger
        )

        let (events, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingNewest(16))
        let (start, startContinuation) = AsyncStream.makeStream(of: Result<Void, any Error>.self)
        // Unstructured, because the server's life is that of this value and not that of one call.
        let supervision = Task {
            await PrivateRedisSupervisor(server: server, events: continuation).run { startContinuation.yield($0) }
            continuation.finish()
            startContinuation.finish()
        }
        let redis = PrivateRedis(events: events, paths: paths, lock: lock, supervision: supervision)
        let outcome = await start.first { _ in true }
        switch outcome {
        case .success:
            try paths.publishURL()
            return redis
        case .failure(let error):
            await redis.stop()
            throw error
        case nil:
            // The task that starts us was cancelled.
            await redis.stop()
            throw CancellationError()
        }
    }

    /// Ends the server, waits until its append-only file is written, and frees the directory. Nothing may use Redis by
    /// then. Doing it twice is harmless.
    func stop() async {
        supervision.cancel()
        await supervision.value
        paths.withdrawURL()
        lock.release()
    }

    /// A process that ends, or a child that another thread is starting, may hold the lock for a moment longer.
    private static func lockDirectory(_ paths: PrivateRedisPaths) async throws -> FileLock {
        for _ in 0..<20 {
            if let lock = try acquireLock(paths) { return lock }
            try await Task.sleep(for: .milliseconds(50))
        }
        if let lock = try acquireLock(paths) { return lock }
        let holder = FileLock.note(path: paths.nodeLock).flatMap { Int($0.prefix { $0.isNumber }) }
        throw UserFacingError(
            "the data directory \(paths.dataDirectory) is in use by another node\(holder.map { " (process \($0))" } ?? ""):"
                + " stop that one or give this one its own with --data DIR; nodes of one cluster share a Redis, --redis URL"
        )
    }

    private static func acquireLock(_ paths: PrivateRedisPaths) throws -> FileLock? {
        do {
            return try FileLock.acquire(path: paths.nodeLock, note: "\(ProcessInfo.processInfo.processIdentifier)\n")
        } catch {
            throw UserFacingError(
                "cannot write to the data directory \(paths.dataDirectory) (\(PrivateDirectory.reason(of: error))):"
                    + " give one this user may write to with --data DIR or MARTLET_DATA"
            )
        }
    }
}
