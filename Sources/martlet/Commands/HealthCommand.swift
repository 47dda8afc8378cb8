import ArgumentParser
import Foundation

/// `martlet health`: for a container's health check, where no curl is at hand.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask a node whether it is ready: exit code 0 if it is, else 1."
    )

    @Option(
        help: ArgumentHelp(
            "What to ask, http or https. Default: /readyz of the node here, at MARTLET_HOST and MARTLET_PORT.",
            valueName: "url"
        )
    )
    var url: String?

    @Option(help: ArgumentHelp("How long to wait for the answer.", valueName: "time"))
    var timeout = "3s"

    func run() async throws {
        guard let limit = DurationText.parse(timeout), limit > .zero else {
            throw UserFacingError(
                "--timeout \"\(timeout)\" is not allowed: it must be a time, such as 3s or 500ms",
                exitCode: UserFacingError.usageExitCode
            )
        }
        let target: HealthTarget
        if let url {
            target = try HealthTarget(url: url)
        } else {
            target = try await HealthTarget(
                settings: SettingsReader(flags: [:], environment: ProcessInfo.processInfo.environment)
            )
        }
        let status = try await HealthRequest.status(of: target, within: limit)
        guard status == 200 else {
            throw UserFacingError("\(target.url) answers \(status): the node is not ready")
        }
    }
}
