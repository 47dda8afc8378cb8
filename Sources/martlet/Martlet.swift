import ArgumentParser

/// The command line's root. Without a subcommand it prints the help.
@main
struct Martlet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "A chat server that scales out: WebSockets in front, Redis behind.",
        discussion: """
            One command is a complete server: `martlet serve` keeps its history in a private Redis. Nodes that are \
            given the same Redis with --redis form a cluster.
            """,
        version: Version.current,
        subcommands: [ServeCommand.self, PresenceCommand.self, NodesCommand.self, HealthCommand.self]
    )

    /// Parses and runs, and prints whatever goes wrong as one line.
    static func main() async {
        do {
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            ErrorLine(error).printAndExit()
        }
    }
}
