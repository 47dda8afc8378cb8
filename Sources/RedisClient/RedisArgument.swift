public import NIOCore

/// One argument of a command: text, a number, or bytes. Wrapping copies no bytes.
public struct RedisArgument: Sendable, Hashable {
    enum Storage: Sendable, Hashable {
        case text(String)
        case number(Int64)
        case buffer(ByteBuffer)
        case bytes([UInt8])
    }

    let storage: Storage

    public init(_ text: String) { storage = .text(text) }

    /// In decimal.
    public init(_ number: some BinaryInteger) {
        storage = Int64(exactly: number).map { .number($0) } ?? .text(String(number))
    }

    /// The readable bytes of `buffer`.
    public init(_ buffer: ByteBuffer) { storage = .buffer(buffer) }

    public init(_ bytes: [UInt8]) { storage = .bytes(bytes) }

    /// The number of bytes that go to Redis.
    public var byteCount: Int {
        switch storage {
        case .text(let text): text.utf8.count
        case .number(let number): number.decimalCount
        case .buffer(let buffer): buffer.readableBytes
        case .bytes(let bytes): bytes.count
        }
    }
}

extension RedisArgument: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) { self.init(value) }
}

extension RedisArgument: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) { self.init(value) }
}
