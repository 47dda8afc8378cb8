public import NIOCore

/// Writes JSON text, field by field, without building a tree first.
///
/// Strings are escaped as RFC 8259, section 7, asks. Numbers are integers. Nothing is checked for balance: the
/// frames' own encoders are the only callers.
///
/// It writes into memory of its own: a buffer, or an array, looks before each write whether it may, and a frame has many
/// small parts.
public struct JSONWriter: ~Copyable {
    private var memory: UnsafeMutableRawBufferPointer
    private var count = 0
    private var needsComma = false

    public init(capacity: Int = 256) {
        self.memory = .allocate(byteCount: max(64, capacity), alignment: 1)
    }

    deinit {
        self.memory.deallocate()
    }

    /// What was written.
    public var buffer: ByteBuffer { self.buffer(from: 0) }

    /// What was written, without its first bytes.
    func buffer(from start: Int) -> ByteBuffer {
        let written = UnsafeRawBufferPointer(rebasing: self.memory[start..<self.count])
        var buffer = ByteBufferAllocator().buffer(capacity: written.count)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: written.count) { target in
            target.copyMemory(from: written)
            return written.count
        }
        return buffer
    }

    public mutating func beginObject() {
        self.separate()
        self.write(UInt8(ascii: "{"))
        self.needsComma = false
    }

    public mutating func endObject() {
        self.write(UInt8(ascii: "}"))
        self.needsComma = true
    }

    public mutating func beginArray() {
        self.separate()
        self.write(UInt8(ascii: "["))
        self.needsComma = false
    }

    public mutating func endArray() {
        self.write(UInt8(ascii: "]"))
        self.needsComma = true
    }

    /// The name of the next value; names are literals that need no escaping.
    public mutating func name(_ name: StaticString) {
        self.separate()
        self.write(UInt8(ascii: "\""))
        self.write(name)
        self.write(UInt8(ascii: "\""))
        self.write(UInt8(ascii: ":"))
        self.needsComma = false
    }

    public mutating func value(_ text: String) {
        self.separate()
        self.write(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { self.escape(UnsafeRawBufferPointer($0)) }
        self.write(UInt8(ascii: "\""))
        self.needsComma = true
    }

    public mutating func value(_ number: some BinaryInteger) {
        self.separate()
        var digits = String(number)
        digits.withUTF8 { self.write(UnsafeRawBufferPointer($0)) }
        self.needsComma = true
    }

    public mutating func value(_ flag: Bool) {
        self.separate()
        self.write(flag ? "true" : "false")
        self.needsComma = true
    }

    /// JSON that is already encoded: an entry from the log, a cached list.
    public mutating func value(encoded json: ByteBuffer) {
        self.separate()
        json.withUnsafeReadableBytes { self.write($0) }
        self.needsComma = true
    }

    public mutating func field(_ name: StaticString, _ text: String) {
        self.name(name)
        self.value(text)
    }

    /// Text that needs no escaping, for it cannot: an id, a room's name.
    mutating func field(_ name: StaticString, plain text: String) {
        self.name(name)
        self.write(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { self.write(UnsafeRawBufferPointer($0)) }
        self.write(UInt8(ascii: "\""))
        self.needsComma = true
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
        if self.needsComma { self.write(UInt8(ascii: ",")) }
    }

    private mutating func escape(_ text: UnsafeRawBufferPointer) {
        var start = 0
        while true {
            let end = text.indexOfEscaped(from: start)
            self.write(UnsafeRawBufferPointer(rebasing: text[start..<end]))
            guard end < text.count else { return }
            self.escape(text[end])
            start = end + 1
        }
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): self.write("\\\"")
        case UInt8(ascii: "\\"): self.write("\\\\")
        case 0x0A: self.write("\\n")
        case 0x0D: self.write("\\r")
        case 0x09: self.write("\\t")
        default:
            self.write("\\u00")
            self.write(UInt8(ascii: byte < 0x10 ? "0" : "1"))
            let digit = byte & 0x0F
            self.write(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    // MARK: Memory

    private mutating func write(_ byte: UInt8) {
        self.reserve(1)
        self.memory[self.count] = byte
        self.count += 1
    }

    private mutating func write(_ text: StaticString) {
        self.write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        self.reserve(bytes.count)
        UnsafeMutableRawBufferPointer(rebasing: self.memory[self.count..<self.count + bytes.count])
            .copyMemory(from: bytes)
        self.count += bytes.count
    }

    private mutating func reserve(_ more: Int) {
        if self.memory.count - self.count < more { self.grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(2 * self.memory.count, self.count + more), alignment: 1)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: self.memory[..<self.count]))
        self.memory.deallocate()
        self.memory = larger
    }
}
