import ArgumentParser
import Foundation

/// `martlet presence`: who is where.
struct PresenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "presence",
        abstract: "Show the cluster's nodes, its rooms, and who is in them.",
        discussion: "Read from Redis; no node is asked, so this also works while none answers."
    )

    @OptionGroup var redis: RedisOptions
    @OptionGroup var output: ReportOptions

    @Option(help: ArgumentHelp("Only this room.", valueName: "room"))
    var room: String?

    @Option(help: ArgumentHelp("Only this user, by id or name.", valueName: "user"))
    var user: String?

    @Option(help: ArgumentHelp("Only what is on this node, by id or name.", valueName: "node"))
    var node: String?

    @Option(help: ArgumentHelp("How many users of a room are shown.", valueName: "n"))
    var limit = 1000

    func validate() throws {
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit must be 1 to 1000000") }
    }

    func run() async throws {
        let filter = PresenceFilter(room: room, user: user, node: node, usersPerRoom: limit)
        let reader = try await redis.connect(environment: ProcessInfo.processInfo.environment)
        try await output.printer.run(
            text: { $0.text(for: filter) },
            read: { try await reader.report(filter) }
        )
        await reader.redis.close()
    }
}
