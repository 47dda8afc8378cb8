import DequeModule
import NIOCore

/// What is to be looked at next of many things: each of them again and again, but never more than a few at once, so
/// that the cost is bounded whatever their number. A value; time is passed in.
struct Rounds<Element> {
    /// The least time between the beginnings of two rounds.
    let interval: TimeAmount
    /// How many in one tick of a tenth of a second.
    let perTick: Int

    private var queue: Deque<Element> = []
    private var nextRound: NIODeadline

    init(interval: TimeAmount, perTick: Int, now: NIODeadline = .now()) {
        self.interval = interval
        self.perTick = perTick
        self.nextRound = now + interval
    }

    /// - Parameter all: everything there is, for a new round.
    mutating func next(now: NIODeadline, all: @autoclosure () -> some Sequence<Element>) -> [Element] {
        if self.queue.isEmpty {
            guard self.nextRound <= now else { return [] }
            self.nextRound = now + self.interval
            self.queue = Deque(all())
        }
        let elements = Array(self.queue.prefix(self.perTick))
        self.queue.removeFirst(elements.count)
        return elements
    }
}
