public import ChatProtocol
import DequeModule
import NIOCore

/// The latest entries of a room in memory, gapless up to the head: joins, resumes and small gaps are served from it.
///
/// Bounded by entries and bytes. A value; the entries' bytes are shared with whoever else holds them.
public struct RecentEntries: Sendable {
    /// How much is kept.
    public struct Bound: Sendable {
        public var entries: Int
        public var bytes: Int

        public init(entries: Int = Limits.recoveryEntries, bytes: Int = Limits.recoveryBytes) {
            self.entries = entries
            self.bytes = bytes
        }
    }

    private var entries: Deque<LogEntry> = []
    private var bytes = 0
    /// Every entry after this offset is here, unless it was deleted.
    public private(set) var completeAfter: UInt64
    /// `at` of the entry at `completeAfter`, where that is known.
    private var atBefore: Int64?
    /// Nothing older than what is here is in the log.
    private var reachesBack = false

    /// Nothing yet, of a log whose head is `head`.
    public init(after head: Position) {
        self.completeAfter = head.offset
        self.atBefore = head.at
        self.reachesBack = head.offset == 0
    }

    /// The page that ends at a log's head.
    public init(page: LogPage) {
        self.entries = Deque(page.entries)
        self.bytes = page.entries.reduce(0) { $0 + $1.json.readableBytes }
        self.reachesBack = !page.more
        self.completeAfter = (page.entries.first?.offset ?? page.head.offset + 1) - 1
        // Before the first entry of all nothing was written. Before any other one something was, if only it is trimmed.
        self.atBefore = page.entries.isEmpty ? page.head.at : self.completeAfter == 0 ? 0 : nil
    }

    /// Adds entries that follow those here, and forgets the oldest beyond the bound.
    public mutating func append(_ newer: [LogEntry], bound: Bound) {
        for entry in newer {
            if let change = entry.change, change.kind == .deleted { self.forget(change.target) }
            self.entries.append(entry)
            self.bytes += entry.json.readableBytes
        }
        while self.entries.count > bound.entries || self.bytes > bound.bytes, let oldest = self.entries.popFirst() {
            self.bytes -= oldest.json.readableBytes
            self.completeAfter = oldest.offset
            self.atBefore = oldest.at
            self.reachesBack = false
        }
    }

    /// A deletion takes the message and the texts of its edits out, here as in the log.
    private mutating func forget(_ target: UInt64) {
        self.entries.removeAll { entry in
            entry.offset == target || entry.change == EntryChange(kind: .edited, target: target)
        }
        self.bytes = self.entries.reduce(0) { $0 + $1.json.readableBytes }
    }

    /// The latest `count` entries; `nil` when the log may hold more of them than there are here.
    public func latest(_ count: Int) -> [LogEntry]? {
        guard self.entries.count >= count || self.reachesBack else { return nil }
        return Array(self.entries.suffix(count))
    }

    /// The latest `count` entries, or as many as there are here.
    public func latestOrAll(_ count: Int) -> [LogEntry] {
        Array(self.entries.suffix(count))
    }

    /// Exactly the entries after a position of the same epoch; `nil` when that cannot be told from here.
    public func entries(after position: Position) -> [LogEntry]? {
        guard position.offset >= self.completeAfter else { return nil }
        if position.offset == self.completeAfter {
            guard self.atBefore == position.at else { return nil }
            return Array(self.entries)
        }
        guard let index = self.index(of: position.offset), self.entries[index].at == position.at else { return nil }
        return Array(self.entries[(index + 1)...])
    }

    /// Offsets ascend, so a binary search finds one.
    private func index(of offset: UInt64) -> Int? {
        var (low, high) = (0, self.entries.count)
        while low < high {
            let middle = (low + high) / 2
            if self.entries[middle].offset < offset { low = middle + 1 } else { high = middle }
        }
        return low < self.entries.count && self.entries[low].offset == offset ? low : nil
    }
}
