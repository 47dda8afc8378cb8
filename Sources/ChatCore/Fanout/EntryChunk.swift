import ChatProtocol
import NIOCore

/// Entries one behind the other in one piece of memory, until it is full.
///
/// Bytes that were written do not change again: a copy of the value shows what was there when it was made, on any thread,
/// while more is added behind that. So only one of the copies may be added to; ``RecentEntries`` sees to that.
struct EntryChunk: @unchecked Sendable {
    private typealias Memory = ManagedBuffer<Void, UInt8>

    /// What stands before the bytes of each entry.
    private struct Header: BitwiseCopyable {
        var offset: UInt64
        var at: Int64
        var change: EntryChange?
        var length: UInt32
    }

    private let memory: Memory
    /// Bytes of memory.
    let capacity: Int
    private var used = 0
    private(set) var count = 0
    let first: UInt64
    /// Offset and `at` of the last entry.
    private(set) var last: (offset: UInt64, at: Int64)

    /// How much memory an entry takes.
    static func size(of entry: LogEntry) -> Int { MemoryLayout<Header>.size + entry.json.readableBytes }

    /// A chunk that begins with an entry.
    init(_ entry: LogEntry, capacity: Int) {
        let size = Self.size(of: entry)
        self.capacity = max(capacity, size)
        self.memory = Memory.create(minimumCapacity: self.capacity) { _ in () }
        self.first = entry.offset
        self.last = (entry.offset, entry.at)
        self.write(entry, size: size)
    }

    /// Of all entries' JSON.
    var bytes: Int { self.used - self.count * MemoryLayout<Header>.size }

    /// Adds an entry that follows the last.
    ///
    /// - Returns: whether it was added: it fits in, and all of them are no more than `limit`.
    mutating func add(_ entry: LogEntry, limit: RecentEntries.Bound) -> Bool {
        let size = Self.size(of: entry)
        guard size <= self.capacity - self.used, self.count < limit.entries,
            self.bytes + entry.json.readableBytes <= limit.bytes
        else { return false }
        self.last = (entry.offset, entry.at)
        self.write(entry, size: size)
        return true
    }

    private mutating func write(_ entry: LogEntry, size: Int) {
        let length = entry.json.readableBytes
        let header = Header(offset: entry.offset, at: entry.at, change: entry.change, length: UInt32(length))
        self.memory.withUnsafeMutablePointerToElements { start in
            let target = UnsafeMutableRawBufferPointer(start: start + self.used, count: size)
            target.storeBytes(of: header, as: Header.self)
            entry.json.withUnsafeReadableBytes { json in
                UnsafeMutableRawBufferPointer(rebasing: target[MemoryLayout<Header>.size...]).copyMemory(from: json)
            }
        }
        self.used += size
        self.count += 1
    }

    // MARK: Reading

    /// The entries but for the first few, in memory that they share with each other and nobody else.
    func entries(dropping dropped: Int = 0) -> [LogEntry] {
        guard dropped < self.count else { return [] }
        return self.withHeaders { headers, bytes in
            let start = headers[dropped].place
            var copy = ByteBufferAllocator().buffer(capacity: self.used - start)
            copy.writeBytes(bytes[start...])
            return headers[dropped...].map { place, header in
                let json = copy.getSlice(
                    at: place - start + MemoryLayout<Header>.size, length: Int(header.length))
                return LogEntry(offset: header.offset, at: header.at, json: json ?? ByteBuffer(), change: header.change)
            }
        }
    }

    /// The place of an entry; `nil` when there is none with this offset and `at`.
    func index(of position: Position) -> Int? {
        guard position.offset >= self.first, position.offset <= self.last.offset else { return nil }
        return self.withHeaders { headers, _ in
            headers.firstIndex { $0.header.offset == position.offset && $0.header.at == position.at }
        }
    }

    private func withHeaders<Result>(
        _ body: ([(place: Int, header: Header)], UnsafeRawBufferPointer) -> Result
    ) -> Result {
        self.memory.withUnsafeMutablePointerToElements { start in
            let bytes = UnsafeRawBufferPointer(start: start, count: self.used)
            var headers: [(place: Int, header: Header)] = []
            headers.reserveCapacity(self.count)
            var place = 0
            while place < self.used {
                let header = bytes.loadUnaligned(fromByteOffset: place, as: Header.self)
                headers.append((place, header))
                place += MemoryLayout<Header>.size + Int(header.length)
            }
            return body(headers, bytes)
        }
    }
}
