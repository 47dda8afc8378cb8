import Foundation
import SystemPackage
import Testing

@testable import martlet

struct PrivateRedisPathsTests {
    @Test func theSocketIsInTheDataDirectoryWhereItFits() {
        let paths = PrivateRedisPaths(dataDirectory: "/srv/martlet", environment: ["XDG_RUNTIME_DIR": "/tmp"])
        #expect(paths.socket == "/srv/martlet/run/redis.sock")
        #expect(paths.socketDirectory == "/srv/martlet/run")
        #expect(paths.url == "unix:///srv/martlet/run/redis.sock")
    }

    @Test(arguments: ["/srv/" + String(repeating: "d", count: 90), "/srv/a b", "/srv/größe", "/srv/100%"])
    func otherwiseElsewhereAndUnique(directory: String) {
        let paths = PrivateRedisPaths(dataDirectory: directory, environment: [:])
        let other = PrivateRedisPaths(dataDirectory: directory + "2", environment: [:])
        #expect(paths.socket.hasPrefix("/tmp/martlet-"))
        #expect(paths.socket.utf8.count <= PrivateRedisPaths.socketPathLimit)
        #expect(paths.socket != other.socket)
        #expect(paths == PrivateRedisPaths(dataDirectory: directory, environment: [:]))
    }

    @Test func whatOthersCouldHavePutThereIsNotTrusted() throws {
        let directory = try TemporaryDirectory()
        try FileManager.default.createSymbolicLink(atPath: directory.path + "/link", withDestinationPath: "/tmp")
        #expect(throws: UserFacingError.self) { try PrivateDirectory.createTrusted(directory.path + "/link") }
        let open = directory.path + "/open"
        try FileManager.default.createDirectory(
            atPath: open,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o777]
        )
        try PrivateDirectory.createTrusted(open)
        let mode = try FileManager.default.attributesOfItem(atPath: open)[.posixPermissions] as? Int
        #expect(mode == 0o700)
        let file = try directory.file("file", "")
        let error = #expect(throws: UserFacingError.self) { try PrivateDirectory.create(file + "/below") }
        #expect(error?.message.contains("cannot make the directory \(file)/below") == true)
    }

    @Test func locks() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/lock"
        let lock = try #require(try FileLock.acquire(path: path, note: "12\n"))
        #expect(try FileLock.acquire(path: path, note: "13\n") == nil)
        #expect(FileLock.note(path: path) == "12\n")
        let copy = try #require(try lock.duplicate())
        lock.release()
        #expect(try FileLock.acquire(path: path, note: "13\n") == nil)
        try copy.close()
        let next = try #require(try FileLock.acquire(path: path, note: "14\n"))
        #expect(FileLock.note(path: path) == "14\n")
        next.release()
    }

    @Test func logLines() {
        let line = RedisLogLine("123:M 21 Nov 2026 06:16:00.123 # Bad file format")
        #expect(line.text == "Bad file format")
        #expect(line.isWarning)
        #expect(!RedisLogLine("123:M 21 Nov 2026 06:16:00.123 * Ready # now").isWarning)
        #expect(RedisLogLine("*** FATAL CONFIG FILE ERROR ***").text == "*** FATAL CONFIG FILE ERROR ***")
    }
}
