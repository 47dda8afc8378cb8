public import NIOCore

/// One entry of a room's log, as stored and as sent: the bytes in the log are the bytes on the wire.
public struct LogEntry: Sendable, Equatable {
    public var offset: UInt64
    public var at: Int64
    /// The whole entry, a JSON object that begins with `{"offset":N,"epoch":"E","at":T,"type":…`.
    public var json: ByteBuffer
    /// What the entry changes; `nil` for a message.
    public let change: EntryChange?

    public init(offset: UInt64, at: Int64, json: ByteBuffer) {
        self.offset = offset
        self.at = at
        self.json = json
        self.change = EntryHeader(json)?.change
    }

    /// - Parameter change: what `json` says of it.
    public init(offset: UInt64, at: Int64, json: ByteBuffer, change: EntryChange?) {
        self.offset = offset
        self.at = at
        self.json = json
        self.change = change
    }

    /// - Parameter header: what was read from the front of `json`.
    public init(_ header: EntryHeader, json: ByteBuffer) {
        self.offset = header.position.offset
        self.at = header.position.at
        self.json = json
        self.change = header.change
    }
}

/// What stands in front of every entry; read without parsing the rest.
public struct EntryHeader: Sendable, Equatable {
    public var position: Position
    /// `nil` for a message.
    public var change: EntryChange?

    /// Reads `{"offset":N,"epoch":"E","at":T,` from the front of an entry, and of one that changes another what and which.
    ///
    /// - Returns: `nil` when the bytes do not begin so: then they are an ephemeral event, or not ours.
    public init?(_ json: ByteBuffer) {
        let parsed = json.withUnsafeReadableBytes { bytes -> (Position, EntryChange?)? in
            var cursor = EntryCursor(bytes: bytes)
            guard cursor.skip("{\"offset\":"), let offset = cursor.integer(), cursor.skip(",\"epoch\":\""),
                let epoch = cursor.text(), cursor.skip(",\"at\":"), let at = cursor.integer(), cursor.skip(",")
            else { return nil }
            return (Position(epoch: epoch, offset: offset, at: Int64(at)), cursor.change())
        }
        guard let parsed else { return nil }
        (self.position, self.change) = parsed
    }
}

/// Walks over the fixed front of an entry. Numbers above 2^53 are refused, as everywhere in the protocol.
struct EntryCursor {
    let bytes: UnsafeRawBufferPointer
    var index = 0

    @inline(__always)
    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard self.index + count <= self.bytes.count else { return false }
        var place = 0
        while place + 8 <= count {
            let word = UnsafeRawPointer(text.utf8Start).loadUnaligned(fromByteOffset: place, as: UInt64.self)
            guard self.bytes.loadUnaligned(fromByteOffset: self.index + place, as: UInt64.self) == word else {
                return false
            }
            place += 8
        }
        while place < count {
            guard self.bytes[self.index + place] == text.utf8Start[place] else { return false }
            place += 1
        }
        self.index += count
        return true
    }

    mutating func integer() -> UInt64? {
        var value: UInt64 = 0
        let start = self.index
        while self.index < self.bytes.count {
            let digit = self.bytes[self.index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value * 10 + UInt64(digit)
            guard value < 1 << 53 else { return nil }
            self.index += 1
        }
        return self.index > start ? value : nil
    }

    /// The characters up to the next quote, at most 64; an epoch holds none that JSON escapes.
    mutating func text() -> String? {
        let start = self.index
        guard self.skipText() else { return nil }
        return String(repairing: UnsafeRawBufferPointer(rebasing: self.bytes[start..<self.index - 1]))
    }

    private mutating func skipText() -> Bool {
        let start = self.index
        let front = UnsafeRawBufferPointer(rebasing: self.bytes[start..<Swift.min(start + 65, self.bytes.count)])
        let length = front.index(of: UInt8(ascii: "\""), from: 0)
        guard length < front.count, length > 0 else { return false }
        self.index += length + 1
        return true
    }

    /// What stands behind the header of an entry that changes another.
    mutating func change() -> EntryChange? {
        guard self.skip("\"type\":\""), let kind = self.changeKind(), self.skip("\",\"target\":"),
            let target = self.integer()
        else { return nil }
        return EntryChange(kind: kind, target: target)
    }

    private mutating func changeKind() -> EntryChange.Kind? {
        if self.skip("edited") { return .edited }
        if self.skip("deleted") { return .deleted }
        if self.skip("reacted") { return .reacted }
        return nil
    }
}
