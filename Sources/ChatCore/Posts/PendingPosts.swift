import DequeModule
import NIOCore

/// Posts that this node has handed to others, until they answer. A value; time is passed in.
struct PendingPosts {
    static let limit = 10_000
    static let patience = TimeAmount.seconds(5)

    private var promises: [UInt64: EventLoopPromise<PostAnswer>] = [:]
    private var deadlines: Deque<(at: NIODeadline, ticket: UInt64)> = []
    private var last: UInt64 = 0

    /// - Returns: the ticket which the answer will carry; `nil` when too many are waiting.
    mutating func add(_ promise: EventLoopPromise<PostAnswer>, now: NIODeadline) -> UInt64? {
        guard self.promises.count < Self.limit else { return nil }
        self.last += 1
        self.promises[self.last] = promise
        self.deadlines.append((now + Self.patience, self.last))
        return self.last
    }

    mutating func answer(_ ticket: UInt64, _ answer: PostAnswer) {
        self.promises.removeValue(forKey: ticket)?.succeed(answer)
    }

    /// Gives up what nobody has answered in time.
    mutating func expire(now: NIODeadline) {
        while let first = self.deadlines.first, first.at <= now {
            self.deadlines.removeFirst()
            self.answer(first.ticket, .unavailable)
        }
    }
}
