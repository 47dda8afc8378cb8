internal import DequeModule
internal import NIOCore

/// The commands of one connection that await their reply, oldest first, as a value. One reply pops one command.
///
/// A command that is late fails, but stays as a *tombstone* until its reply comes, so that replies do not shift.
/// `Completion` is what is owed to the caller: a promise, in tests a number.
struct PendingCommands<Completion> {
    private struct Entry {
        /// `nil`: a tombstone.
        var completion: Completion?
        var bytes: Int
        /// When the caller stops waiting.
        var callerDeadline: NIODeadline
        /// When the connection counts as dead. Never before the caller's; rises from entry to entry.
        var linkDeadline: NIODeadline
    }

    private var entries: Deque<Entry> = []
    /// No caller's deadline is earlier. It may be too early after a pop, which costs one needless look.
    private var earliestCallerDeadline = NIODeadline.distantFuture
    private(set) var bytes = 0

    private let linkDeadline: TimeAmount
    private let maxCount: Int
    private let maxBytes: Int

    init(deadline: TimeAmount, maxCount: Int, maxBytes: Int) {
        self.linkDeadline = deadline
        self.maxCount = maxCount
        self.maxBytes = maxBytes
    }

    var count: Int { entries.count }

    func hasRoom(forBytes newBytes: Int) -> Bool {
        entries.count < maxCount && newBytes <= maxBytes - bytes
    }

    /// When ``expire(now:)`` has to be called next; `nil` when nothing is pending.
    var nextDeadline: NIODeadline? {
        entries.first.map { min($0.linkDeadline, earliestCallerDeadline) }
    }

    /// - Parameter deadline: how long the caller waits, if shorter than the link's own deadline.
    mutating func append(_ completion: Completion, bytes: Int, now: NIODeadline, deadline: TimeAmount? = nil) {
        let linkEnd = now + linkDeadline
        let callerEnd = deadline.map { min(now + $0, linkEnd) } ?? linkEnd
        entries.append(
            Entry(completion: completion, bytes: bytes, callerDeadline: callerEnd, linkDeadline: linkEnd)
        )
        self.bytes += bytes
        earliestCallerDeadline = min(earliestCallerDeadline, callerEnd)
    }

    enum ReplyAction {
        case complete(Completion)
        /// The command had timed out; its reply is dropped.
        case drop
        /// There is no command that this could be the reply to.
        case unexpected
    }

    /// A reply came: it belongs to the oldest command.
    mutating func reply() -> ReplyAction {
        guard let entry = entries.popFirst() else { return .unexpected }
        bytes -= entry.bytes
        if entries.isEmpty { earliestCallerDeadline = .distantFuture }
        return entry.completion.map(ReplyAction.complete) ?? .drop
    }

    struct Expiry {
        /// Commands that are now late, oldest first. Each is reported once.
        var late: [Completion]
        /// The oldest command exceeded the link's deadline: the peer counts as dead.
        var linkIsDead: Bool
    }

    /// Turns the late commands into tombstones.
    mutating func expire(now: NIODeadline) -> Expiry {
        guard let oldest = entries.first else { return Expiry(late: [], linkIsDead: false) }
        var late: [Completion] = []
        if earliestCallerDeadline <= now {
            earliestCallerDeadline = .distantFuture
            for index in entries.indices {
                guard let completion = entries[index].completion else { continue }
                if entries[index].callerDeadline <= now {
                    late.append(completion)
                    entries[index].completion = nil
                } else {
                    earliestCallerDeadline = min(earliestCallerDeadline, entries[index].callerDeadline)
                }
            }
        }
        return Expiry(late: late, linkIsDead: oldest.linkDeadline <= now)
    }

    /// The connection is gone: empties the queue.
    ///
    /// - Returns: what is still owed, oldest first.
    mutating func removeAll() -> [Completion] {
        let owed = entries.compactMap(\.completion)
        entries.removeAll()
        bytes = 0
        earliestCallerDeadline = .distantFuture
        return owed
    }
}
