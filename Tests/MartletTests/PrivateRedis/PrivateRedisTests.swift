import Foundation
import Logging
import RedisClient
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import martlet

/// With a real `redis-server`.
@Suite(.serialized)
struct PrivateRedisTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func whatIsWrittenSurvivesARestart() async throws {
        let first = try await start()
        #expect(first.url == "unix://\(directory.path)/run/redis.sock")
        #expect(try PrivateRedisPaths.publishedURL(dataDirectory: directory.path) == first.url)
        #expect(await ask("SET greeting hello") == .line("+OK"))
        #expect(await ask("CONFIG GET port") == .line("*2"))
        await first.stop()
        await first.stop()
        #expect(await ask("PING") == .refused)
        #expect(throws: UserFacingError.self) { try PrivateRedisPaths.publishedURL(dataDirectory: directory.path) }

        let second = try await start()
        #expect(await ask("STRLEN greeting") == .line(":5"))
        await second.stop()
    }

    @Test func itIsConfiguredToLoseNothing() async throws {
        let redis = try await start()
        let session = try await RedisSession.connect(to: redis.endpoint, deadline: .seconds(10))
        for (name, value) in [
            ("appendonly", "yes"), ("appendfsync", "everysec"), ("maxmemory-policy", "noeviction"), ("save", ""),
            ("port", "0"),
        ] {
            #expect(try await session.send(["CONFIG", "GET", RedisArgument(name)]).array?.last?.string == value)
        }
        await session.close()
        let mode = try FileManager.default.attributesOfItem(atPath: directory.path + "/run")[.posixPermissions] as? Int
        #expect(mode == 0o700)
        await redis.stop()
    }

    @Test func aSecondNodeIsRefused() async throws {
        let first = try await start()
        let error = await #expect(throws: UserFacingError.self) { try await start() }
        let pid = ProcessInfo.processInfo.processIdentifier
        #expect(error?.message.contains("\(directory.path) is in use by another node (process \(pid))") == true)
        #expect(error?.message.contains("--data DIR") == true)
        #expect(await ask("PING") == .line("+PONG"))
        await first.stop()
        await (try start()).stop()
    }

    @Test func aServerThatDiesComesBack() async throws {
        let redis = try await start()
        #expect(await ask("SET a b") == .line("+OK"))
        // An everysec file is written, if not synced, before the answer: a killed server loses nothing.
        try kill(try await serverPID(), .kill)
        var events = redis.events.makeAsyncIterator()
        guard case .ended(let reason) = await events.next() else {
            Issue.record("no end was told")
            return
        }
        #expect(reason.contains("signal 9"))
        #expect(await events.next() == .restarted)
        #expect(await ask("STRLEN a") == .line(":1"))
        await redis.stop()
        #expect(await events.next() == nil)
    }

    @Test func aShellThatDiesLeavesNoServer() async throws {
        let redis = try await start()
        #expect(await ask("SET a b") == .line("+OK"))
        let server = try await serverPID()
        let note = FileLock.note(path: directory.path + "/redis-server.lock") ?? ""
        try kill(try #require(pid_t(note.trimmingCharacters(in: .newlines))), .kill)
        var events = redis.events.makeAsyncIterator()
        _ = await events.next()
        #expect(await events.next() == .restarted)
        // An orphan's remains are there until init looks.
        try await eventually("the first server is gone") { !ForeignProcess.exists(server) }
        #expect(await ask("STRLEN a") == .line(":1"))
        await redis.stop()
    }

    @Test func stoppingDuringTheWaitForARestart() async throws {
        var timing = PrivateRedisTiming()
        timing.firstBackoff = .seconds(600)
        let redis = try await start(timing: timing)
        try kill(try await serverPID(), .kill)
        var events = redis.events.makeAsyncIterator()
        _ = await events.next()
        await redis.stop()
        #expect(await events.next() == nil)
    }

    @Test func aServerThatIsLeftOverIsShutDown() async throws {
        let paths = PrivateRedisPaths(dataDirectory: directory.path, environment: [:])
        try PrivateDirectory.create(paths.serverDirectory)
        try PrivateDirectory.create(paths.socketDirectory)
        async let leftover = Subprocess.run(
            .name("redis-server"),
            arguments: ["--port", "0", "--unixsocket", paths.socket, "--appendonly", "yes", "--save", ""],
            workingDirectory: FilePath(paths.serverDirectory),
            output: .discarded
        )
        try await eventually("the other server is up") { await ask("SET a b") == .line("+OK") }
        let redis = try await start()
        #expect(try await leftover.terminationStatus == .exited(0))
        #expect(await ask("STRLEN a") == .line(":1"))
        await redis.stop()
    }

    @Test func aServerThatDoesNotObeyIsNamed() async throws {
        let node = try await NodeProcess.start(data: directory.path)
        let server = try await serverPID()
        try kill(server, .suspend)
        await node.kill()
        var timing = PrivateRedisTiming()
        timing.leftoverDeadline = .milliseconds(300)
        let error = await #expect(throws: UserFacingError.self) { try await start(timing: timing) }
        let group = FileLock.note(path: directory.path + "/redis-server.lock")?.trimmingCharacters(in: .newlines) ?? ""
        #expect(error?.message.contains("end it with `kill -KILL -- -\(group)`") == true)
        #expect(throws: UserFacingError.self) { try PrivateRedisPaths.publishedURL(dataDirectory: directory.path) }
        try kill(server, .resume)
        await (try start()).stop()
    }

    @Test func itEndsWithAKilledNode() async throws {
        let node = try await NodeProcess.start(data: directory.path)
        #expect(await ask("SET a b") == .line("+OK"))
        let server = try await serverPID()
        #expect(ForeignProcess.group(of: server) != ForeignProcess.group(of: node.pid))
        await node.kill()
        try await eventually("the server ends") { !ForeignProcess.exists(server) }
        let redis = try await start()
        #expect(await ask("STRLEN a") == .line(":1"))
        await redis.stop()
    }

    @Test func aNodeThatIsToldToEndEndsIt() async throws {
        let node = try await NodeProcess.start(data: directory.path)
        let server = try await serverPID()
        #expect(await node.end() == .exited(0))
        #expect(!ForeignProcess.exists(server))
    }

    @Test func aDamagedHistoryGetsTheCommandThatRepairsIt() async throws {
        let redis = try await start()
        for index in 0..<20 { #expect(await ask("SET key\(index) value") == .line("+OK")) }
        await redis.stop()
        let parts = directory.path + "/redis/appendonlydir"
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: parts).first { $0.hasSuffix(".incr.aof") })
        let file = try #require(FileHandle(forUpdatingAtPath: parts + "/" + name))
        try file.seek(toOffset: 100)
        try file.write(contentsOf: Data("garbage garbage".utf8))
        try file.close()

        let error = await #expect(throws: UserFacingError.self) { try await start() }
        #expect(error?.message.contains("`redis-check-aof --fix \(parts)/appendonly.aof.manifest`") == true)
        let repair = try await Subprocess.run(
            .name("redis-check-aof"),
            arguments: ["--fix", parts + "/appendonly.aof.manifest"],
            input: .string("y\n"),
            output: .discarded
        )
        #expect(repair.terminationStatus == .exited(0))
        await (try start()).stop()
    }

    @Test func withoutRedisServerItSaysHowToInstallIt() async throws {
        let error = await #expect(throws: UserFacingError.self) {
            try await PrivateRedis.start(
                dataDirectory: directory.path, environment: ["PATH": "/nonexistent"], logger: .quiet)
        }
        #expect(error?.message.contains("apt-get install redis-server") == true)
        // And the directory is free again.
        await (try start()).stop()
    }

    @Test func cancellingTheStartLeavesNothing() async throws {
        let directory = directory
        let task = Task { try await PrivateRedis.start(dataDirectory: directory.path, logger: .quiet) }
        task.cancel()
        if let redis = try? await task.value { await redis.stop() }
        await (try start()).stop()
    }

    @Test func aLongPathGetsItsSocketElsewhere() async throws {
        let long = directory.path + "/" + String(repeating: "long name ", count: 12)
        let redis = try await PrivateRedis.start(
            dataDirectory: long,
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "XDG_RUNTIME_DIR": directory.path],
            logger: .quiet
        )
        #expect(redis.url.hasPrefix("unix://\(directory.path)/martlet-"))
        #expect(try PrivateRedisPaths.publishedURL(dataDirectory: long) == redis.url)
        #expect(FileManager.default.fileExists(atPath: long + "/redis/appendonlydir"))
        await redis.stop()
    }

    // MARK: -

    private func start(timing: PrivateRedisTiming = PrivateRedisTiming()) async throws -> PrivateRedis {
        try await PrivateRedis.start(dataDirectory: directory.path, timing: timing, logger: .quiet)
    }

    private func ask(_ command: String) async -> RedisProbe.Answer {
        await RedisProbe.ask(command, socket: directory.path + "/run/redis.sock", within: .seconds(10))
    }

    private func serverPID() async throws -> pid_t {
        let endpoint = RedisEndpoint(address: .unixSocket(path: directory.path + "/run/redis.sock"))
        let session = try await RedisSession.connect(to: endpoint, deadline: .seconds(10))
        let info = try await session.send(["INFO", "server"]).string ?? ""
        await session.close()
        let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("process_id:") }
        return try #require(line.flatMap { pid_t($0.dropFirst("process_id:".count)) })
    }

    private func kill(_ pid: pid_t, _ signal: Signal) throws {
        try #require(ForeignProcess.send(signal, to: pid))
    }
}
