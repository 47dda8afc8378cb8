public import NIOCore

/// Writes JSON text into a buffer, field by field, without building a tree first.
///
/// Strings are escaped as RFC 8259, section 7, asks. Numbers are integers. Nothing is checked for balance: the
/// frames' own encoders are the only callers.
public struct JSONWriter {
    public private(set) var buffer: ByteBuffer
    private var needsComma = false

    public init(capacity: Int = 256) {
        self.buffer = ByteBuffer()
        self.buffer.reserveCapacity(capacity)
    }

    public mutating func beginObject() {
        self.separate()
        self.buffer.writeInteger(UInt8(ascii: "{"))
        self.needsComma = false
    }

    public mutating func endObject() {
        self.buffer.writeInteger(UInt8(ascii: "}"))
        self.needsComma = true
    }

    public mutating func beginArray() {
        self.separate()
        self.buffer.writeInteger(UInt8(ascii: "["))
        self.needsComma = false
    }

    public mutating func endArray() {
        self.buffer.writeInteger(UInt8(ascii: "]"))
        self.needsComma = true
    }

    /// The name of the next value; names are literals that need no escaping.
    public mutating func name(_ name: StaticString) {
        // In one piece: each write to a buffer has to look first whether it may.
        let count = name.utf8CodeUnitCount
        let comma = self.needsComma ? 1 : 0
        self.buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: comma + count + 3) { target in
            if comma == 1 { target[0] = UInt8(ascii: ",") }
            target[comma] = UInt8(ascii: "\"")
            UnsafeMutableRawBufferPointer(rebasing: target[(comma + 1)...])
                .copyMemory(from: UnsafeRawBufferPointer(start: name.utf8Start, count: count))
            target[comma + count + 1] = UInt8(ascii: "\"")
            target[comma + count + 2] = UInt8(ascii: ":")
            return comma + count + 3
        }
        self.needsComma = false
    }

    public mutating func value(_ text: String) {
        self.separate()
        self.escaped(text)
        self.needsComma = true
    }

    public mutating func value(_ number: some BinaryInteger) {
        self.separate()
        self.buffer.writeString(String(number))
        self.needsComma = true
    }

    public mutating func value(_ flag: Bool) {
        self.separate()
        self.buffer.writeStaticString(flag ? "true" : "false")
        self.needsComma = true
    }

    /// JSON that is already encoded: an entry from the log, a cached list.
    public mutating func value(encoded json: ByteBuffer) {
        self.separate()
        self.buffer.writeImmutableBuffer(json)
        self.needsComma = true
    }

    public mutating func field(_ name: StaticString, _ text: String) {
        self.name(name)
        self.value(text)
    }

    public mutating func field(_ name: StaticString, _ number: some BinaryInteger) {
        self.name(name)
        self.value(number)
    }

    public mutating func field(_ name: StaticString, _ flag: Bool) {
        self.name(name)
        self.value(flag)
    }

    /// Writes nothing for `nil`.
    public mutating func field(_ name: StaticString, optional text: String?) {
        if let text { self.field(name, text) }
    }

    private mutating func separate() {
        if self.needsComma { self.buffer.writeInteger(UInt8(ascii: ",")) }
    }

    private mutating func escaped(_ text: String) {
        self.buffer.writeInteger(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            let raw = UnsafeRawBufferPointer(bytes)
            for index in raw.indices where Self.needsEscape(raw[index]) {
                self.buffer.writeBytes(UnsafeRawBufferPointer(rebasing: raw[start..<index]))
                self.escaped(raw[index])
                start = index + 1
            }
            self.buffer.writeBytes(UnsafeRawBufferPointer(rebasing: raw[start...]))
        }
        self.buffer.writeInteger(UInt8(ascii: "\""))
    }

    private mutating func escaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): self.buffer.writeStaticString("\\\"")
        case UInt8(ascii: "\\"): self.buffer.writeStaticString("\\\\")
        case 0x0A: self.buffer.writeStaticString("\\n")
        case 0x0D: self.buffer.writeStaticString("\\r")
        case 0x09: self.buffer.writeStaticString("\\t")
        case 0..<0x20:
            self.buffer.writeStaticString("\\u00")
            self.buffer.writeString(byte < 0x10 ? "0" : "1")
            self.buffer.writeString(String(byte & 0x0F, radix: 16))
        default: self.buffer.writeInteger(byte)
        }
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }
}
