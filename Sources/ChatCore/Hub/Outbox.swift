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

    func add(_ event: LoopEvent, to loop: Int) {
        self.loops[loop].events.append(event)
        // What comes later must not be moved in front of this.
        self.loops[loop].lastEntries.removeAll(keepingCapacity: true)
    }

    func add(_ entries: [LogEntry], head: Position, of room: RoomName, to loop: Int) {
        if let index = self.loops[loop].lastEntries[room],
            case .entries(_, let earlier, _) = self.loops[loop].events[index]
        {
            self.loops[loop].events[index] = .entries(room, earlier + entries, head: head)
        } else {
            self.loops[loop].lastEntries[room] = self.loops[loop].events.count
            self.loops[loop].events.append(.entries(room, entries, head: head))
        }
    }

    func flush() {
        for index in self.loops.indices where !self.loops[index].events.isEmpty {
            let events = self.loops[index].events
            self.loops[index].events.removeAll(keepingCapacity: true)
            self.loops[index].lastEntries.removeAll(keepingCapacity: true)
            self.loops[index].handle.send(events)
        }
    }

    private struct Pending {
        let handle: LoopHandle
        var events: [LoopEvent] = []
        /// Where the latest entries of a room stand in `events`, while nothing else was added behind them.
        var lastEntries: [RoomName: Int] = [:]

        init(_ handle: LoopHandle) {
            self.handle = handle
        }
    }
}
