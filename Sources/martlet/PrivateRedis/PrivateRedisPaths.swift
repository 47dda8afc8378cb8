import Foundation

/// Where the files of a private Redis are.
struct PrivateRedisPaths: Sendable, Equatable {
    /// Absolute.
    let dataDirectory: String

    /// The unix socket. Its directory has mode 0700, for the socket has no password.
    let socket: String

    /// Held by the node for its life.
    var nodeLock: String { dataDirectory + "/node.lock" }

    /// Held by the server, and by what it forks, for its life, which may be longer than the node's.
    var serverLock: String { dataDirectory + "/redis-server.lock" }

    /// What the server has as its working directory: the append-only files are in there.
    var serverDirectory: String { dataDirectory + "/redis" }

    /// Holds the URL while a server runs, so that other commands find it.
    var urlFile: String { dataDirectory + "/redis.url" }

    var socketDirectory: String { String(socket.dropLast("/redis.sock".count)) }

    /// For people and for the Redis client.
    var url: String { "unix://" + socket }

    /// `sun_path` is 108 bytes on Linux and 104 on macOS, with a zero at the end. Redis makes the socket under this
    /// very name.
    static let socketPathLimit = 103

    /// - Parameters:
    ///   - dataDirectory: absolute.
    ///   - environment: `XDG_RUNTIME_DIR` is used when the data directory's path is too long for a socket.
    init(dataDirectory: String, environment: [String: String]) {
        self.dataDirectory = dataDirectory
        let near = dataDirectory + "/run/redis.sock"
        if Self.isRight(near) {
            socket = near
            return
        }
        let name = "martlet-" + Self.fingerprint(dataDirectory)
        if let runtime = environment["XDG_RUNTIME_DIR"], runtime.hasPrefix("/") {
            let far = "\(runtime)/\(name)/redis.sock"
            if Self.isRight(far), FileManager.default.isWritableFile(atPath: runtime) {
                socket = far
                return
            }
        }
        socket = "/tmp/\(name)-\(geteuid())/redis.sock"
    }

    /// A URL is made of the path, so it must do without escapes there.
    private static func isRight(_ path: String) -> Bool {
        path.utf8.count <= socketPathLimit
            && path.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+@".contains($0)) }
    }

    /// FNV-1a, 64 bits: the same in every run, which `Hasher` is not.
    private static func fingerprint(_ text: String) -> String {
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
