import ArgumentParser
import Foundation
import Logging
import RedisClient
import ServiceLifecycle

/// `martlet serve`: one node.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run a node.",
        discussion: """
            Without --redis the node starts a private Redis in its data directory and is a complete server. Nodes with \
            the same --redis form a cluster. Every setting can also stand in the environment (MARTLET_PORT for --port) \
            or in the file of --config (port); flags come first, then the environment, then the file.

            Without a flag: \(Setting.allCases.filter { $0.flag == nil }.map(\.variable).joined(separator: ", ")).
            """
    )

    @OptionGroup var options: ServeOptions

    func run() async throws {
        let settings = try await SettingsReader(
            flags: options.settings,
            environment: ProcessInfo.processInfo.environment
        )
        let configuration = try NodeConfiguration(settings)
        LoggingSystem.bootstrap { [logLevel = configuration.logLevel] _ in CompactLogHandler(logLevel: logLevel) }
        let logger = Logger(label: "martlet")
        for warning in settings.warnings { logger.warning("\(warning)") }

        let signals = await ShutdownSignals.trap(logger: logger)
        var services: [any Service] = []
        let endpoint: RedisEndpoint
        if let redis = configuration.redis {
            endpoint = redis
        } else {
            let redis = try await PrivateRedis.start(dataDirectory: configuration.data, logger: logger)
            logger.info("private Redis started", metadata: ["url": "\(redis.url)"])
            services.append(redis)
            endpoint = redis.endpoint
        }
        let node = Node(
            blueprint: try NodeBlueprint(configuration, endpoint: endpoint, logger: logger), foundation: services,
            signals: signals
        )
        do {
            try await node.run()
        } catch {
            // What was started before the node runs its services is ours to end.
            for case let redis as PrivateRedis in services { await redis.stop() }
            throw error
        }
    }
}
