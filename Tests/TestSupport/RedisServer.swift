public import Foundation
internal import Synchronization

/// A real `redis-server` for a test: on a Unix socket, or on a free loopback port, with a directory of its own. It is
/// gone with the test, also when the test process dies.
public final class RedisServer: Sendable {
    public let directory: URL
    public let socketPath: String
    /// `nil` unless started with a port.
    public let port: Int?
    private let arguments: [String]
    private let running = Mutex<RunningProcess?>(nil)

    /// Starts a server and waits until it answers.
    ///
    /// - Parameters:
    ///   - options: further options of `redis-server`, as on its command line.
    ///   - withPort: whether it listens on a loopback port besides the socket.
    public static func start(_ options: [String] = [], withPort: Bool = false) async throws -> RedisServer {
        let server = try RedisServer(options: options, port: withPort ? freeLoopbackPort() : nil)
        try await server.start()
        return server
    }

    private init(options: [String], port: Int?) throws {
        // Short, for a socket's path may have 107 bytes.
        directory = URL(fileURLWithPath: "/tmp/redis-test-\(UInt32.random(in: 0...UInt32.max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        socketPath = directory.appendingPathComponent("s").path
        self.port = port
        arguments =
            [
                "--dir", directory.path, "--unixsocket", socketPath, "--port", "\(port ?? 0)", "--bind", "127.0.0.1",
                "--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "notice",
            ] + options
    }

    deinit {
        running.withLock { $0?.kill() }
        try? FileManager.default.removeItem(at: directory)
    }

    /// `unix://…`
    public var url: String { "unix://\(socketPath)" }

    /// Starts the server again after ``kill()`` or ``stop()``, with the same options.
    public func start() async throws {
        let process = try RunningProcess.start(
            "redis-server",
            arguments,
            log: directory.appendingPathComponent("log")
        )
        running.withLock { $0 = process }
        let socket = socketPath
        // Others start at the same time, and the machine may be busy.
        try await eventually("redis-server answers", within: .seconds(60)) {
            let answer = try await RedisCLI.run(["-s", socket, "ping"], failureIsFatal: false)
            return answer.contains { $0 == "PONG" || $0.hasPrefix("NOAUTH") }
        }
    }

    /// `kill -9`, and waits for the end.
    public func kill() {
        running.withLock { process in
            process?.kill()
            process = nil
        }
        try? FileManager.default.removeItem(atPath: socketPath)
    }

    /// SIGSTOP: it accepts connections (the kernel does), but answers nothing.
    public func pause() { running.withLock { $0?.signal(SIGSTOP) } }

    /// SIGCONT
    public func resume() { running.withLock { $0?.signal(SIGCONT) } }

    /// Runs a command by `redis-cli`, past the client under test.
    ///
    /// - Returns: the lines it printed.
    @discardableResult
    public func cli(_ arguments: String...) async throws -> [String] {
        try await RedisCLI.run(["-s", socketPath] + arguments)
    }
}

/// More than one for each core keeps them busy while tests wait for deadlines.
private let slots = Slots(8)

/// Runs `body` with a server that is killed afterwards. A few tests at a time; the others wait for their turn. A server
/// within the body of another does not wait, or the outer ones might wait for each other.
public func withRedisServer<Result>(
    _ options: [String] = [],
    withPort: Bool = false,
    _ body: (RedisServer) async throws -> Result
) async throws -> Result {
    if !HeldSlot.isHeld { await slots.acquire() }
    defer { if !HeldSlot.isHeld { slots.release() } }
    return try await HeldSlot.$isHeld.withValue(true) {
        let server = try await RedisServer.start(options, withPort: withPort)
        defer { server.kill() }
        return try await body(server)
    }
}

private enum HeldSlot {
    @TaskLocal static var isHeld = false
}
