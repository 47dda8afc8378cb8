import Subprocess
import SystemPackage

/// The `redis-server` program.
enum RedisServerExecutable {
    /// - Parameter searchPath: what `PATH` says.
    /// - Throws: ``UserFacingError`` that says how to install it.
    static func find(searchPath: String?) async throws -> FilePath {
        do {
            return try await Executable.name("redis-server")
                .resolveExecutablePath(in: .custom(["PATH": searchPath ?? "/usr/local/bin:/usr/bin:/bin"]))
        } catch {
            throw UserFacingError(
                "redis-server is not installed: run `apt-get install redis-server` (macOS: `brew install redis`),"
                    + " or name a running Redis with --redis redis://HOST:6379/0"
            )
        }
    }
}
