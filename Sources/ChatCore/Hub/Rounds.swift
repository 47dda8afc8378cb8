import DequeModule
import NIOCore

/// What is to be looked at next of many things: each of them again and again, but never more than a few at once, so
/// that the cost is bounded whatever their number. A value; time is passed in.
struct Rounds<Element> {
    /// The least time between the beginnings of two rounds.
    let interval: TimeAmount
    /// The least time between two steps of a round: waking up for a few costs as much as looking at them, but messages wait
    /// while many are looked at.
    let step: TimeAmount
    /// How many in one step.
    let perStep: Int

    private var queue: Deque<Element> = []
    private var nextRound: NIODeadline
    private var nextStep: NIODeadline

    init(interval: TimeAmount, step: TimeAmount, perStep: Int, now: NIODeadline = .now()) {
        self.interval = interval
        self.step = step
        self.perStep = perStep
        self.nextRound = now + interval
        self.nextStep = self.nextRound
    }

    /// - Parameter all: everything there is, for a new round.
    mutating func next(now: NIODeadline, all: @autoclosure () -> some Sequence<Element>) -> [Element] {
        guard self.nextStep <= now else { return [] }
        if self.queue.isEmpty {
            guard self.nextRound <= now else { return [] }
            self.nextRound = now + self.interval
            self.queue = Deque(all())
        }
        self.nextStep = now + self.step
        let elements = Array(self.queue.prefix(self.perStep))
        self.queue.removeFirst(elements.count)
        return elements
    }
}
