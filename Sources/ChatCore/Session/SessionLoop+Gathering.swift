import ChatProtocol
import NIOCore

/// Few and larger deliveries where a loop has many members: to send them two messages in one piece costs about what one costs.
///
/// While the loop is busy with a delivery more is said, and comes together in the next one by itself. But writers of whom
/// some are a little late go on in two groups, each of which waits while the other's messages are delivered. So a delivery
/// to many waits for what sessions of this loop have said there a moment ago (docs/decisions/0027).
extension SessionLoop {
    /// How long a delivery may wait, for each member: a fifth of what it takes, about.
    static let gatheringPerMember = TimeAmount.microseconds(1)
    /// It waits no more when it has so many bytes.
    static let gatheringBytes = 65_536

    /// A delivery that waits. What is told of other rooms goes past it, if it is entries; all else ends the wait first.
    struct Gathered {
        let room: LocalRoom
        private(set) var entries: [LogEntry]
        private(set) var head: Position
        private var bytes: Int
        let deadline: Scheduled<Void>

        init(_ entries: [LogEntry], head: Position, in room: LocalRoom, deadline: Scheduled<Void>) {
            self.room = room
            self.entries = entries
            self.head = head
            self.bytes = Self.bytes(of: entries)
            self.deadline = deadline
        }

        var isComplete: Bool {
            self.bytes >= SessionLoop.gatheringBytes || !self.room.underWay.remain(after: self.head)
        }

        mutating func add(_ entries: [LogEntry], head: Position) {
            self.entries += entries
            self.head = head
            self.bytes += Self.bytes(of: entries)
        }

        private static func bytes(of entries: [LogEntry]) -> Int { entries.reduce(0) { $0 + $1.json.readableBytes } }
    }

    /// Delivers entries to a room's members: now, or together with those that are to follow.
    func deliver(_ entries: [LogEntry], head: Position, in room: LocalRoom) {
        guard room.gathers else { return self.send(entries, head: head, to: room) }
        if self.gathered?.room === room {
            self.gathered?.add(entries, head: head)
        } else if self.gathered == nil, room.underWay.remain(after: head) {
            let loop = NIOLoopBound(self, eventLoop: self.eventLoop)
            let deadline = self.eventLoop.scheduleTask(in: Self.gatheringPerMember * room.memberCount) {
                loop.value.endGathering()
                loop.value.flushList.flush()
            }
            self.gathered = Gathered(entries, head: head, in: room, deadline: deadline)
        } else {
            self.send(entries, head: head, to: room)
        }
    }

    /// Calls `then` with the answer to a message that a session here says in a room, and knows until then that it is coming.
    func expecting(
        in room: LocalRoom?, then body: @escaping (Result<Appended, any Error>) -> Void
    ) -> (Result<Appended, any Error>) -> Void {
        guard let room, room.gathers else { return body }
        room.underWay.sent()
        return { result in
            room.underWay.answered(try? result.get().position)
            body(result)
            self.endGatheringSoonIfComplete()
        }
    }

    /// At the end of this turn of the loop: what clients have said by then is waited for, too.
    private func endGatheringSoonIfComplete() {
        guard self.gathered?.isComplete ?? false else { return }
        let loop = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.eventLoop.execute {
            loop.value.endGatheringIfComplete()
            loop.value.flushList.flush()
        }
    }

    func endGatheringIfComplete() {
        if self.gathered?.isComplete ?? false { self.endGathering() }
    }

    /// What waits is delivered now.
    func endGathering() {
        guard let gathered = self.gathered else { return }
        gathered.deadline.cancel()
        self.gathered = nil
        self.send(gathered.entries, head: gathered.head, to: gathered.room)
    }
}
