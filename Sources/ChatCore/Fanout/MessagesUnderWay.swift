import ChatProtocol

/// The messages of this loop's own sessions that a room is still to get: on their way to Redis, or back from there.
struct MessagesUnderWay {
    private var unanswered = 0
    /// The furthest that Redis has said to be stored.
    private var stored: Position?

    /// A message leaves for Redis.
    mutating func sent() {
        self.unanswered += 1
    }

    /// Redis has stored it at the position; `nil`: it has not, or nobody knows.
    mutating func answered(_ position: Position?) {
        self.unanswered -= 1
        guard let position else { return }
        // The answer to a repeated `key` names an entry of long ago.
        if let stored, stored.epoch == position.epoch, stored.offset > position.offset { return }
        self.stored = position
    }

    /// Whether some are to come behind a head.
    func remain(after head: Position) -> Bool {
        if self.unanswered > 0 { return true }
        guard let stored, stored.epoch == head.epoch else { return false }
        return stored.offset > head.offset
    }
}
