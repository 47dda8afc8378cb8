import RedisClient
import SystemPackage

/// Prints reports: one, or one a second.
struct ReportPrinter: Sendable {
    let asJSON: Bool
    let watches: Bool
    let isTerminal: Bool

    private static let interval = Duration.seconds(1)

    /// - Parameters:
    ///   - text: what to show of a report when it is not JSON.
    ///   - read: reads one report.
    /// - Throws: ``UserFacingError`` when the first report cannot be read; later ones are shown as they come, errors
    ///   too: whoever watches wants to see the end of an outage.
    func run(
        text: (PresenceReport) -> String,
        read: () async throws -> PresenceReport
    ) async throws {
        do {
            try show(rendered(try await read(), text: text))
            while watches {
                try await Task.sleep(for: Self.interval)
                do {
                    try show(rendered(try await read(), text: text))
                } catch let error as RedisError {
                    try show(asJSON ? "" : "Redis gives no answer: \(error)\n")
                }
            }
        } catch let error as RedisError {
            throw UserFacingError("Redis gives no answer: \(error)")
        } catch Errno.brokenPipe {
            // `martlet presence --watch | head` has seen enough.
        }
    }

    private func rendered(_ report: PresenceReport, text: (PresenceReport) -> String) throws -> String {
        asJSON ? try report.json(pretty: isTerminal && !watches) : text(report)
    }

    private func show(_ text: String) throws {
        // Home and clear: what follows replaces what was there, without scrolling the terminal full.
        let redraws = watches && isTerminal && !asJSON
        try StandardOutput.write(redraws ? "\u{1B}[H\u{1B}[2J" + text : text)
    }
}
