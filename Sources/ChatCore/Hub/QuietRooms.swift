import ChatProtocol
import DequeModule
import NIOCore

/// Which rooms are to be compared with their log's head next: each every few seconds, but never more than a few at once,
/// so that the cost is bounded whatever the number of rooms.
struct QuietRooms {
    /// Between two rounds.
    static let interval = TimeAmount.seconds(5)
    /// Rooms in one tick of a tenth of a second.
    static let perTick = 20

    private var queue: Deque<RoomName> = []
    private var nextRound = NIODeadline.now() + QuietRooms.interval

    /// - Parameter rooms: all that are open, for a new round.
    mutating func next(now: NIODeadline, rooms: @autoclosure () -> some Sequence<RoomName>) -> [RoomName] {
        if self.queue.isEmpty {
            guard self.nextRound <= now else { return [] }
            self.nextRound = now + Self.interval
            self.queue = Deque(rooms())
        }
        let names = Array(self.queue.prefix(Self.perTick))
        self.queue.removeFirst(names.count)
        return names
    }
}
