import ChatProtocol
import NIOCore

/// Gathers what the hub has to tell the loops, and passes it on once a turn: one hop per loop, whatever the number of
/// entries. Entries of one room that follow each other become one delivery, so that they leave in one write.
final class Outbox {
    private var loops: [Pending]

    init(_ loops: [LoopHandle]) {
        self.loops = loops.map(Pending.init)
    }

    var loopIndices: Range<Int> { self.loops.indices }

    /// Runs something on every loop.
    func executeOnAll(_ body: @escaping @Sendable (_ index: Int, SessionLoop) -> Void) {
        for (index, loop) in self.loops.enumerated() { loop.handle.execute { body(index, $0) } }
    }

    func add(_ event: LoopEvent, to loop: Int) {
        self.loops[loop].events.append(event)
        // What comes later must not be moved in front of this.
        self.loops[loop].stretch += 1
    }

    /// - Parameter room: its number.
    func add(_ entries: [LogEntry], head: Position, of room: Int, to attached: inout AttachedLoop) {
        let loop = attached.loop
        let stretch = self.loops[loop].stretch
        if let place = attached.place, place.stretch == stretch,
            case .entries(_, let earlier, _) = self.loops[loop].events[place.index]
        {
            self.loops[loop].events[place.index] = .entries(room: room, earlier + entries, head: head)
        } else {
            attached.place = Place(stretch: stretch, index: self.loops[loop].events.count)
            self.loops[loop].events.append(.entries(room: room, entries, head: head))
        }
    }

    func flush() {
        for index in self.loops.indices where !self.loops[index].events.isEmpty {
            let events = self.loops[index].events
            self.loops[index].events.removeAll(keepingCapacity: true)
            self.loops[index].stretch += 1
            self.loops[index].handle.send(events)
        }
    }

    /// Where the latest entries of a room stand.
    struct Place {
        var stretch: UInt64
        var index: Int
    }

    private struct Pending {
        let handle: LoopHandle
        var events: [LoopEvent] = []
        /// Counts the stretches of entries with nothing else between them: entries join others of their own stretch only.
        var stretch: UInt64 = 0

        init(_ handle: LoopHandle) {
            self.handle = handle
        }
    }
}
