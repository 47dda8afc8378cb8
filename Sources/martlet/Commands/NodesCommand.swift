import ArgumentParser
import Foundation

/// `martlet nodes`: the cluster's nodes.
struct NodesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes",
        abstract: "Show the cluster's nodes.",
        discussion: "Read from Redis; no node is asked, so this also works while none answers."
    )

    @OptionGroup var redis: RedisOptions
    @OptionGroup var output: ReportOptions

    func run() async throws {
        let reader = try await redis.connect(environment: ProcessInfo.processInfo.environment)
        try await output.printer.run(text: \.nodesText) {
            try await reader.report(nodesOnly: true)
        }
        await reader.redis.close()
    }
}
