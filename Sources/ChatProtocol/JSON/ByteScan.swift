/// Looking for single bytes in text, eight bytes at a time: every byte that a client sends is looked at several times.
///
/// The trick: subtracting 1 from each byte of a word borrows into the high bit only of bytes that were 0; what else has
/// its high bit set is masked out. A byte is made 0 by XOR with what is looked for.
extension UInt64 {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Whether all eight bytes are ASCII.
    var isASCII: Bool { self & Self.highBits == 0 }

    /// Whether all eight bytes are ASCII that is seen, or a space.
    var isPrintableASCII: Bool {
        let controls = (self &- Self.ones &* 0x20) & ~self & Self.highBits
        return controls == 0 && self.isASCII && !self.contains(0x7F)
    }

    func contains(_ byte: UInt8) -> Bool { self.marks(of: byte) != 0 }

    /// The place of the first byte that is `byte`, in the order of memory.
    func index(of byte: UInt8) -> Int? { Self.place(of: self.marks(of: byte)) }

    /// The place of the first byte that a JSON string cannot hold as it is: a control character, a quote or a backslash.
    var indexOfEscaped: Int? {
        let controls = (self &- Self.ones &* 0x20) & ~self & Self.highBits
        return Self.place(of: controls | self.marks(of: UInt8(ascii: "\"")) | self.marks(of: UInt8(ascii: "\\")))
    }

    /// The high bits of the bytes that are `byte`. Above the first of them, others may be marked, too: it lent them its bit.
    private func marks(of byte: UInt8) -> UInt64 {
        let zeroed = self ^ (Self.ones &* UInt64(byte))
        return (zeroed &- Self.ones) & ~zeroed & Self.highBits
    }

    private static func place(of marks: UInt64) -> Int? {
        marks == 0 ? nil : marks.trailingZeroBitCount / 8
    }
}

extension UnsafeRawBufferPointer {
    /// Eight bytes, the first of them in the lowest bits.
    fileprivate func word(at index: Int) -> UInt64 {
        UInt64(littleEndian: self.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// The last bytes, fewer than eight, of eight bytes at least; zeros stand behind them.
    private func lastWord(from index: Int) -> UInt64 {
        self.word(at: self.count - 8) >> UInt64(8 * (8 - (self.count - index)))
    }

    /// The place of the first byte from `start` on that a JSON string cannot hold as it is; the end, if there is none.
    func indexOfEscaped(from start: Int) -> Int {
        var index = start
        while index + 8 <= self.count {
            if let place = self.word(at: index).indexOfEscaped { return index + place }
            index += 8
        }
        if index < self.count, self.count >= 8 {
            // What stands behind the end may be found, too.
            return Swift.min(self.lastWord(from: index).indexOfEscaped.map { index + $0 } ?? self.count, self.count)
        }
        while index < self.count {
            let byte = self[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return index }
            index += 1
        }
        return index
    }

    /// The place of the first `byte` from `start` on; the end, if there is none.
    package func index(of byte: UInt8, from start: Int) -> Int {
        var index = start
        while index + 8 <= self.count {
            if let place = self.word(at: index).index(of: byte) { return index + place }
            index += 8
        }
        if index < self.count, self.count >= 8 {
            return Swift.min(self.lastWord(from: index).index(of: byte).map { index + $0 } ?? self.count, self.count)
        }
        while index < self.count, self[index] != byte { index += 1 }
        return index
    }

    func contains(byte: UInt8) -> Bool {
        self.index(of: byte, from: 0) < self.count
    }

    /// Whether all bytes are ASCII.
    package var isASCII: Bool {
        var index = 0
        while index + 8 <= self.count {
            guard self.word(at: index).isASCII else { return false }
            index += 8
        }
        if self.count >= 8 { return self.word(at: self.count - 8).isASCII }
        while index < self.count {
            guard self[index] < 0x80 else { return false }
            index += 1
        }
        return true
    }
}

extension UnsafeRawBufferPointer {
    /// Whether all bytes are ASCII without control characters, but for line feeds and tabs.
    var isPrintableASCII: Bool {
        var index = 0
        while index < self.count {
            if index + 8 <= self.count, self.word(at: index).isPrintableASCII {
                index += 8
                continue
            }
            // What is left at the end, together with what stands before it.
            if self.count - index < 8, self.count >= 8, self.word(at: self.count - 8).isPrintableASCII { return true }
            let byte = self[index]
            guard (0x20..<0x7F).contains(byte) || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\t") else {
                return false
            }
            index += 1
        }
        return true
    }
}

extension String {
    /// Text of bytes; invalid UTF-8 is repaired. For short ones it costs half of what `String(decoding:as:)` does.
    init(repairing bytes: UnsafeRawBufferPointer) {
        self.init(unsafeUninitializedCapacity: bytes.count) { target in
            UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
            return bytes.count
        }
    }

    /// Whether the text is ASCII without control characters, but for line feeds and tabs.
    var isPrintableASCII: Bool {
        var copy = self
        return copy.withUTF8 { UnsafeRawBufferPointer($0).isPrintableASCII }
    }

    /// Whether the UTF-8 of the text has this byte, an ASCII character.
    func contains(byte: UInt8) -> Bool {
        let found = self.utf8.withContiguousStorageIfAvailable { UnsafeRawBufferPointer($0).contains(byte: byte) }
        return found ?? self.utf8.contains(byte)
    }
}
