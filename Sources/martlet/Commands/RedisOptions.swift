import ArgumentParser
import Foundation
import RedisClient

/// The flags of commands that only look at a cluster's Redis.
struct RedisOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The Redis to read: redis://, rediss:// or unix://. (default: the private one of the node in --data)",
            valueName: "url"
        )
    )
    var redis: String?

    @Option(
        help: ArgumentHelp("A running node's data directory. (default: ~/.local/share/martlet)", valueName: "dir")
    )
    var data: String?

    @Option(help: ArgumentHelp("What every Redis key begins with. (default: martlet:)"))
    var prefix: String?

    @Option(help: ArgumentHelp("A JSON file with settings.", valueName: "file"))
    var config: String?

    /// Connects to the Redis that flags, environment and file name.
    ///
    /// - Throws: ``UserFacingError``.
    func connect(environment: [String: String]) async throws -> PresenceReader {
        let flags = [Setting.redis: redis, .data: data, .prefix: prefix, .config: config].compactMapValues { $0 }
        let settings = try await SettingsReader(flags: flags, environment: environment)
        let defaults = NodeConfiguration()
        let keys = PresenceKeys(prefix: try settings.keyPrefix(default: defaults.prefix))
        let endpoint: RedisEndpoint
        if let redis = try settings.redisEndpoint() {
            endpoint = redis
        } else {
            let url = try PrivateRedisPaths.publishedURL(dataDirectory: settings.dataDirectory())
            endpoint = try RedisEndpoint(url: url)
        }
        return PresenceReader(
            redis: try await RedisSession.connect(
                to: endpoint, roots: try settings.redisRoots(), deadline: defaults.redisDeadline),
            keys: keys
        )
    }
}

/// How a report is printed.
struct ReportOptions: ParsableArguments {
    @Flag(help: "Print JSON; with --watch one line for each report.")
    var json = false

    @Flag(help: "Print again every second, until Ctrl-C.")
    var watch = false

    var printer: ReportPrinter {
        ReportPrinter(asJSON: json, watches: watch, isTerminal: StandardOutput.isTerminal)
    }
}
