import ChatProtocol
import NIOCore

/// Entries one behind the other in one piece of memory, until it is full. A value: while others have a copy of it, what is
/// added is added to a copy.
struct EntryChunk: Sendable {
    /// What stands before the bytes of each entry.
    private struct Header: BitwiseCopyable {
        var offset: UInt64
        var at: Int64
        var change: EntryChange?
        var length: UInt32

        static let size = MemoryLayout<Header>.size

        /// It is the message, or an edit of it.
        func tells(of message: UInt64) -> Bool {
            self.offset == message || self.change == EntryChange(kind: .edited, target: message)
        }
    }

    private var memory: ByteBuffer
    private(set) var count = 0
    private let first: UInt64
    /// Offset and `at` of the last entry.
    private(set) var last: (offset: UInt64, at: Int64)

    /// A chunk that begins with an entry.
    ///
    /// - Parameter capacity: bytes of memory; more if the entry needs more.
    init(_ entry: LogEntry, capacity: Int) {
        let size = Header.size + entry.json.readableBytes
        self.memory = ByteBufferAllocator().buffer(capacity: max(capacity, size))
        self.first = entry.offset
        self.last = (entry.offset, entry.at)
        self.write(entry, size: size)
    }

    /// Bytes of memory.
    var capacity: Int { self.memory.capacity }

    /// Of all entries' JSON.
    var bytes: Int { self.memory.readableBytes - self.count * Header.size }

    /// Adds an entry that follows the last.
    ///
    /// - Returns: whether it was added: it fits in, and all of them are no more than `limit`.
    mutating func add(_ entry: LogEntry, limit: RecentEntries.Bound) -> Bool {
        let size = Header.size + entry.json.readableBytes
        guard size <= self.memory.writableBytes, self.count < limit.entries,
            self.bytes + entry.json.readableBytes <= limit.bytes
        else { return false }
        self.last = (entry.offset, entry.at)
        self.write(entry, size: size)
        return true
    }

    private mutating func write(_ entry: LogEntry, size: Int) {
        let header = Header(
            offset: entry.offset, at: entry.at, change: entry.change, length: UInt32(entry.json.readableBytes))
        self.memory.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { target in
            target.storeBytes(of: header, as: Header.self)
            entry.json.withUnsafeReadableBytes { json in
                UnsafeMutableRawBufferPointer(rebasing: target[Header.size...]).copyMemory(from: json)
            }
            return size
        }
        self.count += 1
    }

    // MARK: Reading

    /// The entries but for the first few, in memory that they share with each other and nobody else.
    func entries(dropping dropped: Int = 0) -> [LogEntry] {
        guard dropped < self.count else { return [] }
        let headers = self.headers[dropped...]
        let start = headers[dropped].place
        let copy = ByteBuffer(bytes: self.memory.readableBytesView.dropFirst(start))
        return headers.map { place, header in
            let json = copy.getSlice(at: place - start + Header.size, length: Int(header.length))
            return LogEntry(offset: header.offset, at: header.at, json: json ?? ByteBuffer(), change: header.change)
        }
    }

    /// The place of an entry; `nil` when there is none with this offset and `at`.
    func index(of position: Position) -> Int? {
        guard position.offset >= self.first, position.offset <= self.last.offset else { return nil }
        return self.headers.firstIndex { $0.header.offset == position.offset && $0.header.at == position.at }
    }

    /// The chunk without a message and its edits, in no more memory than the rest needs; `nil` when nothing is left; the same
    /// one when it has none of them.
    func without(_ message: UInt64) -> EntryChunk? {
        let headers = self.headers
        guard headers.contains(where: { $0.header.tells(of: message) }) else { return self }
        let rest = zip(self.entries(), headers).filter { !$0.1.header.tells(of: message) }.map(\.0)
        guard let first = rest.first else { return nil }
        var chunk = EntryChunk(
            first, capacity: rest.reduce(0) { $0 + Header.size + $1.json.readableBytes })
        for entry in rest.dropFirst() {
            let fits = chunk.add(entry, limit: .init(entries: .max, bytes: .max))
            assert(fits)
        }
        return chunk
    }

    private var headers: [(place: Int, header: Header)] {
        self.memory.withUnsafeReadableBytes { bytes in
            var headers: [(place: Int, header: Header)] = []
            headers.reserveCapacity(self.count)
            var place = 0
            while place < bytes.count {
                let header = bytes.loadUnaligned(fromByteOffset: place, as: Header.self)
                headers.append((place, header))
                place += Header.size + Int(header.length)
            }
            return headers
        }
    }
}
