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

    func contains(_ byte: UInt8) -> Bool {
        let zeroed = self ^ (Self.ones &* UInt64(byte))
        return (zeroed &- Self.ones) & ~zeroed & Self.highBits != 0
    }

    /// Whether a byte is one that a JSON string cannot hold as it is: a control character, a quote or a backslash.
    var hasEscaped: Bool {
        let controls = (self &- Self.ones &* 0x20) & ~self
        let quotes = self ^ (Self.ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = self ^ (Self.ones &* UInt64(UInt8(ascii: "\\")))
        let marked = controls | (quotes &- Self.ones) & ~quotes | (backslashes &- Self.ones) & ~backslashes
        return marked & Self.highBits != 0
    }
}

extension UnsafeRawBufferPointer {
    /// The place of the first byte from `start` on that a JSON string cannot hold as it is; the end, if there is none.
    func indexOfEscaped(from start: Int) -> Int {
        var index = start
        while index + 8 <= self.count, !self.loadUnaligned(fromByteOffset: index, as: UInt64.self).hasEscaped {
            index += 8
        }
        while index < self.count {
            let byte = self[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return index }
            index += 1
        }
        return index
    }

    func contains(byte: UInt8) -> Bool {
        var index = 0
        while index + 8 <= self.count {
            if self.loadUnaligned(fromByteOffset: index, as: UInt64.self).contains(byte) { return true }
            index += 8
        }
        while index < self.count {
            if self[index] == byte { return true }
            index += 1
        }
        return false
    }

    /// Whether all bytes are ASCII.
    var isASCII: Bool {
        var index = 0
        while index + 8 <= self.count {
            guard self.loadUnaligned(fromByteOffset: index, as: UInt64.self).isASCII else { return false }
            index += 8
        }
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
            if index + 8 <= self.count, self.loadUnaligned(fromByteOffset: index, as: UInt64.self).isPrintableASCII {
                index += 8
                continue
            }
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
