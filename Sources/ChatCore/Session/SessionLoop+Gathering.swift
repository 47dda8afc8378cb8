import ChatProtocol
import NIOCore

/// Few and larger deliveries to large rooms: to send a thousand members two messages in one piece costs about what one costs.
///
/// While the loop is busy with a delivery more is said, and comes together in the next one by itself. But writers of whom
/// some are a little late go on in two groups, each of which waits while the other's messages are delivered. So a delivery
/// to a large room waits for what sessions of this loop have said there a moment ago (docs/decisions/0027).
extension SessionLoop {
    /// How long a delivery may wait, for each member: a sixth of what it takes, about.
    static let gatheringPerMember = TimeAmount.microseconds(1)

    /// A delivery that waits, and all that the hub has told since.
    struct Gathered {
        let room: LocalRoom
        let number: Int
        var entries: [LogEntry]
        var head: Position
        let deadline: Scheduled<Void>
        private(set) var later: [LoopEvent] = []
        /// Something else than entries has followed: no more can come to these.
        private var isClosed = false

        init(_ entries: [LogEntry], head: Position, in room: LocalRoom, number: Int, deadline: Scheduled<Void>) {
            self.room = room
            self.number = number
            self.entries = entries
            self.head = head
            self.deadline = deadline
        }

        var isComplete: Bool { self.isClosed || !self.room.underWay.remain(after: self.head) }

        mutating func add(_ event: LoopEvent) {
            guard !self.isClosed, case .entries(let number, let entries, let head) = event else {
                self.isClosed = true
                return self.later.append(event)
            }
            guard number == self.number else { return self.later.append(event) }
            self.entries += entries
            self.head = head
        }
    }

    /// - Returns: whether the entries wait for others.
    func gathers(_ entries: [LogEntry], head: Position, in room: LocalRoom, number: Int) -> Bool {
        guard room.isLarge, room.underWay.remain(after: head) else { return false }
        let loop = NIOLoopBound(self, eventLoop: self.eventLoop)
        let deadline = self.eventLoop.scheduleTask(in: Self.gatheringPerMember * room.memberCount) {
            loop.value.deliverGathered()
        }
        self.gathered = Gathered(entries, head: head, in: room, number: number, deadline: deadline)
        return true
    }

    /// Calls `then` with the answer to a message that a session here says in a room, and knows until then that it is coming.
    func expecting(
        in room: LocalRoom?, then body: @escaping (Result<Appended, any Error>) -> Void
    ) -> (Result<Appended, any Error>) -> Void {
        guard let room, room.isLarge else { return body }
        room.underWay.sent()
        return { result in
            room.underWay.answered(try? result.get().position)
            body(result)
            self.deliverSoonIfComplete()
        }
    }

    /// At the end of this turn of the loop: what clients have said by then is waited for, too.
    private func deliverSoonIfComplete() {
        guard self.gathered?.isComplete ?? false else { return }
        let loop = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.eventLoop.execute { loop.value.deliverIfComplete() }
    }

    func deliverIfComplete() {
        guard let gathered, gathered.isComplete else { return }
        self.deliverGathered()
    }

    private func deliverGathered() {
        guard let gathered = self.gathered else { return }
        gathered.deadline.cancel()
        self.gathered = nil
        self.deliver(gathered.entries, head: gathered.head, to: gathered.room)
        self.deliver(gathered.later)
    }
}
