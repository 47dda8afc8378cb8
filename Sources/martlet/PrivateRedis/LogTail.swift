import Synchronization

/// The last lines of a log, for a message about how it ended.
final class LogTail: Sendable {
    /// Enough for the reason of an exit; older lines are forgotten.
    private static let lineLimit = 12
    private static let lengthLimit = 500

    private let lines = Mutex<[String]>([])

    func append(_ line: String) {
        lines.withLock { lines in
            if lines.count == Self.lineLimit { lines.removeFirst() }
            lines.append(String(line.prefix(Self.lengthLimit)))
        }
    }

    var snapshot: [String] { lines.withLock { $0 } }
}
