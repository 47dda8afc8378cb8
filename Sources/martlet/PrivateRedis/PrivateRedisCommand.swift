import Subprocess
import SystemPackage

/// The command line of a private Redis and of the shell that ends it when the node is gone.
enum PrivateRedisCommand {
    /// Runs the server and waits both for its end and for the node's.
    ///
    /// A killed node can clean up nothing, but the kernel closes its end of the pipe that is our standard input. Linux'
    /// parent-death signal would do without a shell, but it follows the thread that forked, and a thread pool's thread
    /// may end long before its process.
    ///
    /// Standard input: the pipe. Standard output: the server's log. Standard error: the lock file, which only the server
    /// and its forks keep, so that the lock says exactly whether a server lives.
    static let script = """
        umask 077
        exec 3<&0 </dev/null 4>&2 2>&1
        trap : TERM INT HUP QUIT
        "$@" 3<&- &
        server=$!
        ( while read -r _; do :; done; kill -TERM "$server" ) <&3 3<&- 4>&- >/dev/null 2>&1 &
        watcher=$!
        exec 3<&- 4>&- >/dev/null 2>&1
        # A trapped signal ends wait early; the server is over only when it is no child any more.
        while :; do wait "$server"; status=$?; kill -0 "$server" 2>/dev/null || break; done
        kill "$watcher" 2>/dev/null
        exit "$status"
        """

    /// - Parameter server: the path of `redis-server`.
    static func configuration(server: FilePath, paths: PrivateRedisPaths, path: String?) -> Configuration {
        var options = PlatformOptions()
        // Ctrl-C goes to the terminal's foreground process group: the node has to get it first, and alone.
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(10))
        ]
        return Configuration(
            executable: .path("/bin/sh"),
            arguments: Arguments(["-c", script, "martlet-redis", server.string] + serverArguments(paths: paths)),
            // Not the node's environment: that may hold secrets.
            environment: .custom(["PATH": path ?? "/usr/bin:/bin", "LC_ALL": "C"]),
            // The server's own `dir` stays the default, `.`: Redis before 7 cannot take a path with spaces as an argument.
            workingDirectory: FilePath(paths.serverDirectory),
            platformOptions: options
        )
    }

    private static func serverArguments(paths: PrivateRedisPaths) -> [String] {
        [
            "--port", "0",
            "--unixsocket", paths.socket,
            "--unixsocketperm", "700",
            "--daemonize", "no",
            "--appendonly", "yes",
            "--appendfsync", "everysec",
            // The append-only file is the store; snapshots would only double the writing.
            "--save", "",
            // Evicting would take entries out of a room's log one key at a time.
            "--maxmemory-policy", "noeviction",
            "--supervised", "no",
            "--always-show-logo", "no",
        ]
    }
}
