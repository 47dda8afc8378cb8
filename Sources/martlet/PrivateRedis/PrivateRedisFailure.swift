import Foundation
import Subprocess

/// Why a server ended by itself, in words that help.
struct PrivateRedisFailure {
    let ending: PrivateRedisServer.Ending
    let paths: PrivateRedisPaths

    var error: UserFacingError {
        let log = ending.log.map { RedisLogLine($0).text }
        if let line = log.last(where: Self.tellsDamage) {
            return UserFacingError(
                "the history in \(paths.serverDirectory) is damaged (\(line)): copy that directory to a safe place,"
                    + " then run `redis-check-aof --fix \(Self.quoted(appendOnlyFile))` and start again"
            )
        }
        let lastWords = log.suffix(3).joined(separator: " | ")
        let told = lastWords.isEmpty ? "it left no log" : "its log ends with: \(lastWords)"
        return UserFacingError("the private Redis in \(paths.dataDirectory) ended (\(status)); \(told)")
    }

    /// Redis names `redis-check-aof` wherever that is the way out, and the manifest where that is what is broken.
    private static func tellsDamage(_ line: String) -> Bool {
        [
            "redis-check-aof", "Bad file format reading the append only file", "Invalid AOF manifest",
            "AOF file is corrupt",
        ]
        .contains { line.contains($0) }
    }

    /// Redis 7 has a manifest that names the parts; older ones have one file.
    private var appendOnlyFile: String {
        let manifest = paths.serverDirectory + "/appendonlydir/appendonly.aof.manifest"
        if FileManager.default.fileExists(atPath: manifest) { return manifest }
        return paths.serverDirectory + "/appendonly.aof"
    }

    private var status: String {
        switch ending.status {
        case .exited(let code) where code > 128: "signal \(code - 128)"
        case .exited(let code): "exit code \(code)"
        case .signaled(let signal): "its shell got signal \(signal)"
        }
    }

    private static func quoted(_ path: String) -> String {
        path.allSatisfy { $0.isLetter || $0.isNumber || "/._-".contains($0) }
            ? path : "'" + path.replacing("'", with: "'\\''") + "'"
    }
}
