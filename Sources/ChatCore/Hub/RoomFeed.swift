public import ChatProtocol
import NIOCore

/// Puts the entries of one room in order for this node: finds gaps, repeats and logs that lost entries.
///
/// A value without I/O: each input returns what to do. Redis publishes at most once; a link can be cut, overflow or go
/// deaf, so every entry is checked against the one before. An entry is stored before it is published: one that makes
/// us read the log is part of what is read, and need not be kept.
public struct RoomFeed: Sendable {
    /// How many published entries may wait while the log is read.
    public static let waitingLimit = 1_000

    private struct Published: Sendable {
        var epoch: String
        var entry: LogEntry

        /// With a copy of the entry: the memory that it came in is as large as all that came with it.
        init(copying entry: LogEntry, epoch: String) {
            self.epoch = epoch
            self.entry = entry
            self.entry.json = ByteBuffer(bytes: entry.json.readableBytesView)
        }
    }

    private enum State: Sendable {
        /// We are waiting for the head and the latest entries; what is published meanwhile waits here.
        ///
        /// `lost` names an epoch that must not be used any more and has to be renewed before.
        case opening(waiting: [Published], lost: String? = nil)
        /// Entries are delivered as they come.
        case live(Position)
        /// We are waiting for the entries after the position; what is published meanwhile waits here.
        case filling(Position, waiting: [Published])
    }

    /// What to do after an input.
    public struct Step: Sendable, Equatable {
        /// Give these to the sessions, now; ``RoomFeed/head`` is the last of them.
        public var deliver: [LogEntry] = []
        public var then: Next = .nothing
    }

    public enum Next: Sendable, Equatable {
        case nothing
        /// Read what comes after the position, then call ``RoomFeed/filled(_:)``.
        case fill(after: Position)
        /// Make sure that the log has another epoch than `lost`, then as for `open`.
        case renew(lost: String)
        /// Read the head and the latest entries, then call ``RoomFeed/opened(at:)`` and reset the sessions.
        case open
    }

    private var state: State = .opening(waiting: [])
    /// The link was down while the log was being read: what was read may be older than what is missing.
    private var mustVerify = false

    public init() {}

    /// What the sessions have been given; `nil` while the room opens.
    public var head: Position? {
        switch self.state {
        case .opening: nil
        case .live(let head), .filling(let head, _): head
        }
    }

    /// Whether what a client has can be compared with what has been delivered here. False: it comes from a node that
    /// heard more, or of another epoch; whether the log has it too shows after ``verify()``.
    public func covers(_ position: Position) -> Bool {
        guard let head else { return false }
        return position.epoch == head.epoch && position.offset <= head.offset
    }

    /// An entry was published.
    public mutating func received(_ entry: LogEntry, epoch: String) -> Step {
        switch self.state {
        case .opening(var waiting, let lost):
            Self.keep(Published(copying: entry, epoch: epoch), in: &waiting)
            self.state = .opening(waiting: waiting, lost: lost)
            return Step()
        case .filling(let head, var waiting):
            Self.keep(Published(copying: entry, epoch: epoch), in: &waiting)
            self.state = .filling(head, waiting: waiting)
            return Step()
        case .live(let head):
            var step = Step()
            step.then = self.next(entry, epoch: epoch, head: head, delivering: &step.deliver)
            return step
        }
    }

    /// The head and the latest entries have been read.
    public mutating func opened(at head: Position) -> Step {
        guard case .opening(let waiting, _) = self.state else { return Step() }
        return self.goOn(from: head, with: waiting, after: [])
    }

    /// The entries after the position that ``Next/fill(after:)`` named have been read.
    public mutating func filled(_ recovery: Recovery) -> Step {
        guard case .filling(let head, let waiting) = self.state else { return Step() }
        switch recovery {
        case .recovered(let now, let entries):
            return self.goOn(from: entries.isEmpty ? head : now, with: waiting, after: entries)
        case .lost(let now):
            // A head behind ours under our epoch: the log was rolled back and must not go on under that epoch.
            let isRolledBack = now.epoch == head.epoch && (now.offset < head.offset || now.at < head.at)
            self.state = .opening(waiting: waiting, lost: isRolledBack ? head.epoch : nil)
            // What is read next is young enough to verify the log by itself.
            self.mustVerify = false
            return Step(then: self.pending)
        }
    }

    /// What was published while the link was down is missing: verify that the log still goes on from here.
    public mutating func verify() -> Step {
        // What waits was published before the link went down: the log may have lost it since.
        switch self.state {
        case .live(let head):
            self.state = .filling(head, waiting: [])
            return Step(then: .fill(after: head))
        case .filling(let head, _): self.state = .filling(head, waiting: [])
        case .opening(_, let lost): self.state = .opening(waiting: [], lost: lost)
        }
        self.mustVerify = true
        return Step()
    }

    /// What was read has been given out: now what waited follows, unless the log must be verified first.
    private mutating func goOn(from head: Position, with waiting: [Published], after entries: [LogEntry]) -> Step {
        guard !self.mustVerify else {
            self.mustVerify = false
            self.state = .filling(head, waiting: waiting)
            return Step(deliver: entries, then: .fill(after: head))
        }
        self.state = .live(head)
        return self.drain(waiting, after: entries)
    }

    /// The log's head was read while the room was quiet.
    ///
    /// - Parameter before: our own head when the reading began. If entries came since, it says nothing.
    public mutating func compare(_ head: Position, before: Position) -> Step {
        guard case .live(let ours) = self.state, ours == before, head != ours else { return Step() }
        guard head.epoch == ours.epoch else {
            self.state = .opening(waiting: [])
            return Step(then: .open)
        }
        if head.offset > ours.offset {
            self.state = .filling(ours, waiting: [])
            return Step(then: .fill(after: ours))
        }
        self.state = .opening(waiting: [], lost: ours.epoch)
        return Step(then: .renew(lost: ours.epoch))
    }

    /// What we are waiting for, for asking again after a reading failed.
    public var pending: Next {
        switch self.state {
        case .opening(_, let lost): lost.map { .renew(lost: $0) } ?? .open
        case .filling(let head, _): .fill(after: head)
        case .live: .nothing
        }
    }

    private mutating func next(
        _ entry: LogEntry,
        epoch: String,
        head: Position,
        delivering: inout [LogEntry]
    ) -> Next {
        guard epoch == head.epoch else {
            self.state = .opening(waiting: [])
            return .open
        }
        // An older one is of a former life of the log, which lost it and has grown again: it must be read to tell.
        if entry.offset == head.offset + 1, entry.at >= head.at {
            delivering.append(entry)
            self.state = .live(Position(epoch: epoch, offset: entry.offset, at: entry.at))
            return .nothing
        }
        if entry.offset > head.offset {
            self.state = .filling(head, waiting: [])
            return .fill(after: head)
        }
        // A repeat is as old as what we have. A younger one means that the log was rolled back and goes on otherwise.
        guard entry.at > head.at else { return .nothing }
        self.state = .opening(waiting: [], lost: head.epoch)
        return .renew(lost: head.epoch)
    }

    /// Takes what waited, as if it came now. Once something has to be read, the rest waits for that.
    private mutating func drain(_ waiting: [Published], after entries: [LogEntry]) -> Step {
        var step = Step(deliver: entries)
        for item in waiting {
            guard case .live(let head) = self.state else {
                self.wait(for: item)
                continue
            }
            // What was read is younger than what was published before the reading.
            if item.epoch == head.epoch, item.entry.offset <= head.offset { continue }
            step.then = self.next(item.entry, epoch: item.epoch, head: head, delivering: &step.deliver)
        }
        return step
    }

    private mutating func wait(for item: Published) {
        switch self.state {
        case .opening(var waiting, let lost):
            Self.keep(item, in: &waiting)
            self.state = .opening(waiting: waiting, lost: lost)
        case .filling(let head, var waiting):
            Self.keep(item, in: &waiting)
            self.state = .filling(head, waiting: waiting)
        case .live:
            break
        }
    }

    /// Beyond the limit the older half is forgotten: it is in the log, and the jump will be found and filled.
    private static func keep(_ item: Published, in waiting: inout [Published]) {
        if waiting.count >= Self.waitingLimit { waiting.removeFirst(waiting.count / 2) }
        waiting.append(item)
    }
}
