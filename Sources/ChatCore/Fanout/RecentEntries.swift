public import ChatProtocol
import DequeModule
import NIOCore

/// The latest entries of a room in memory, gapless up to the head: joins, resumes and small gaps are served from it.
///
/// Bounded by entries and bytes. It has copies of its own, one behind the other (``EntryChunk``): an entry's own memory is
/// free, and used again, as soon as it is delivered, and a room's latest entries do not lie all over the memory.
public struct RecentEntries: ~Copyable {
    /// How much is kept at most, bytes of JSON: the memory may be about twice as much. What is oldest is forgotten in pieces of up to
    /// a sixteenth, or of one entry.
    public struct Bound: Sendable {
        public var entries: Int
        public var bytes: Int

        public init(entries: Int = Limits.recoveryEntries, bytes: Int = Limits.recoveryBytes) {
            self.entries = entries
            self.bytes = bytes
        }

        /// What is forgotten at once, at most.
        fileprivate var piece: Bound { Bound(entries: max(1, self.entries / 16), bytes: self.bytes / 16) }
    }

    /// Memory of chunks: a quiet room needs little, a busy one few pieces.
    private static let chunkBytes = 512...8_192

    /// What is here now, for whoever is to read it.
    public private(set) var snapshot: Snapshot
    private var bytes = 0

    /// Nothing yet, of a log whose head is `head`.
    public init(after head: Position) {
        self.snapshot = Snapshot(completeAfter: head.offset, atBefore: head.at, reachesBack: head.offset == 0)
    }

    /// The page that ends at a log's head.
    public init(page: LogPage, bound: Bound) {
        let before = (page.entries.first?.offset ?? page.head.offset + 1) - 1
        self.snapshot = Snapshot(
            completeAfter: before,
            // Before the first entry of all nothing was written. Before any other one something was, if only it is trimmed.
            atBefore: page.entries.isEmpty ? page.head.at : before == 0 ? 0 : nil,
            reachesBack: !page.more
        )
        self.append(page.entries, bound: bound)
    }

    /// Adds entries that follow those here, and forgets the oldest beyond the bound.
    public mutating func append(_ newer: [LogEntry], bound: Bound) {
        let piece = bound.piece
        for entry in newer {
            if let change = entry.change, change.kind == .deleted { self.forget(change.target) }
            self.add(entry, piece: piece)
        }
        while self.snapshot.count > bound.entries || self.bytes > bound.bytes,
            let oldest = self.snapshot.removeOldest()
        {
            self.bytes -= oldest.bytes
        }
    }

    private mutating func add(_ entry: LogEntry, piece: Bound) {
        self.snapshot.count += 1
        self.bytes += entry.json.readableBytes
        switch self.snapshot.newest?.add(entry, limit: piece) {
        case true: return
        case false: self.snapshot.startChunk(with: entry, capacity: Self.chunkBytes)
        case nil: self.snapshot.newest = EntryChunk(entry, capacity: Self.chunkBytes.lowerBound)
        }
    }

    /// A deletion takes the message and the texts of its edits out, here as in the log.
    private mutating func forget(_ message: UInt64) {
        self.snapshot.forget(message)
        self.bytes = self.snapshot.bytes
    }
}

extension RecentEntries {
    /// The latest entries as they were at one moment.
    public struct Snapshot: Sendable {
        /// None without a newest one.
        fileprivate var older: Deque<EntryChunk> = []
        fileprivate var newest: EntryChunk?
        fileprivate var count = 0
        /// Every entry after this offset is here, unless it was deleted.
        public fileprivate(set) var completeAfter: UInt64
        /// `at` of the entry at `completeAfter`, where that is known.
        fileprivate var atBefore: Int64?
        /// Nothing older than what is here is in the log.
        fileprivate var reachesBack: Bool

        private var chunks: [EntryChunk] { self.older + [self.newest].compactMap { $0 } }

        fileprivate mutating func startChunk(with entry: LogEntry, capacity: ClosedRange<Int>) {
            guard let full = self.newest.take() else { return }
            self.older.append(full)
            self.newest = EntryChunk(
                entry, capacity: max(capacity.lowerBound, min(2 * full.capacity, capacity.upperBound)))
        }

        fileprivate mutating func removeOldest() -> EntryChunk? {
            guard let oldest = self.older.popFirst() ?? self.newest.take() else { return nil }
            (self.completeAfter, self.atBefore) = oldest.last
            self.reachesBack = false
            self.count -= oldest.count
            return oldest
        }

        fileprivate mutating func forget(_ message: UInt64) {
            self.older = Deque(self.older.compactMap { $0.without(message) })
            // Where nothing is left of the newest, the one before is it.
            self.newest = self.newest?.without(message) ?? self.older.popLast()
            self.count = self.chunks.reduce(0) { $0 + $1.count }
        }

        /// Bytes that the chunks take.
        var memory: Int { self.chunks.reduce(0) { $0 + $1.capacity } }

        fileprivate var bytes: Int { self.chunks.reduce(0) { $0 + $1.bytes } }

        /// The latest `count` entries; `nil` when the log may hold more of them than there are here.
        public func latest(_ count: Int) -> [LogEntry]? {
            self.count >= count || self.reachesBack ? self.latestOrAll(count) : nil
        }

        /// The latest `count` entries, or as many as there are here.
        public func latestOrAll(_ count: Int) -> [LogEntry] {
            var missing = count
            var pieces: [[LogEntry]] = []
            for chunk in self.chunks.reversed() where missing > 0 {
                let entries = chunk.entries(dropping: max(0, chunk.count - missing))
                missing -= entries.count
                pieces.append(entries)
            }
            return Array(pieces.reversed().joined())
        }

        /// Exactly the entries after a position of the same epoch; `nil` when that cannot be told from here.
        public func entries(after position: Position) -> [LogEntry]? {
            guard position.offset >= self.completeAfter else { return nil }
            let chunks = self.chunks
            if position.offset == self.completeAfter {
                return self.atBefore == position.at ? chunks.flatMap { $0.entries() } : nil
            }
            for (place, chunk) in chunks.enumerated().reversed() {
                guard let index = chunk.index(of: position) else { continue }
                return chunk.entries(dropping: index + 1) + chunks[(place + 1)...].flatMap { $0.entries() }
            }
            return nil
        }
    }
}
