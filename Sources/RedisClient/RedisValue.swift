public import NIOCore

/// One reply of Redis (RESP2), copied out of the parser: it stays valid for as long as it is kept.
public enum RedisValue: Sendable, Equatable {
    /// A status such as `OK`.
    case simple(String)
    /// An error inside an array. An error as the whole reply fails the command's future instead.
    case error(RedisServerError)
    case integer(Int64)
    /// Bytes of any kind. Redis does not promise UTF-8.
    case bulk(ByteBuffer)
    /// A nil bulk string or a nil array.
    case null
    case array([RedisValue])
}

extension RedisValue {
    /// The text of a status or a bulk string (invalid UTF-8 is repaired); `nil` for everything else.
    public var string: String? {
        switch self {
        case .simple(let text): text
        case .bulk(let bytes): String(buffer: bytes)
        case .error, .integer, .null, .array: nil
        }
    }

    /// An integer, or a status or bulk string that is wholly a decimal number; `nil` for everything else.
    public var int: Int? {
        switch self {
        case .integer(let number): Int(exactly: number)
        case .simple, .bulk: string.flatMap { Int($0) }
        case .error, .null, .array: nil
        }
    }

    /// The elements of an array; `nil` for everything else, a nil array included.
    public var array: [RedisValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The bytes of a bulk string; `nil` for everything else.
    public var bytes: ByteBuffer? {
        if case .bulk(let bytes) = self { bytes } else { nil }
    }

    public var isNull: Bool { self == .null }
}
