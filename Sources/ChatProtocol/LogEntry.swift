public import NIOCore

/// One entry of a room's log, as stored and as sent: the bytes in the log are the bytes on the wire.
public struct LogEntry: Sendable, Equatable {
    public var offset: UInt64
    public var at: Int64
    /// The whole entry, a JSON object that begins with `{"offset":N,"epoch":"E","at":T,"type":…`.
    public var json: ByteBuffer

    public init(offset: UInt64, at: Int64, json: ByteBuffer) {
        self.offset = offset
        self.at = at
        self.json = json
    }
}

/// What stands in front of every entry; read without parsing the rest.
public struct EntryHeader: Sendable, Equatable {
    public var position: Position

    /// Reads `{"offset":N,"epoch":"E","at":T,` from the front of an entry.
    ///
    /// - Returns: `nil` when the bytes do not begin so: then they are an ephemeral event, or not ours.
    public init?(_ json: ByteBuffer) {
        let parsed = json.withUnsafeReadableBytes { bytes -> Position? in
            var cursor = EntryCursor(bytes: bytes)
            guard cursor.skip("{\"offset\":"), let offset = cursor.integer(), cursor.skip(",\"epoch\":\""),
                let epoch = cursor.text(), cursor.skip(",\"at\":"), let at = cursor.integer(), cursor.skip(",")
            else { return nil }
            return Position(epoch: epoch, offset: offset, at: Int64(at))
        }
        guard let parsed else { return nil }
        self.position = parsed
    }
}

/// Walks over the fixed front of an entry. Numbers above 2^53 are refused, as everywhere in the protocol.
struct EntryCursor {
    let bytes: UnsafeRawBufferPointer
    var index = 0

    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard self.index + count <= self.bytes.count else { return false }
        for offset in 0..<count where self.bytes[self.index + offset] != text.utf8Start[offset] { return false }
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
        return String(decoding: self.bytes[start..<self.index - 1], as: UTF8.self)
    }

    mutating func skipText() -> Bool {
        let start = self.index
        while self.index < self.bytes.count, self.bytes[self.index] != UInt8(ascii: "\"") {
            guard self.index - start < 64 else { return false }
            self.index += 1
        }
        guard self.index < self.bytes.count, self.index > start else { return false }
        self.index += 1
        return true
    }
}
