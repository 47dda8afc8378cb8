internal import CHiredis
internal import NIOCore

/// A reply where hiredis parsed it. Valid only inside the call that passes it, so the message path can look at a reply
/// and copy no more of it than the payload.
package struct ReplyView {
    private let reply: UnsafePointer<redisReply>

    init(_ reply: UnsafePointer<redisReply>) {
        self.reply = reply
    }

    var isArray: Bool { reply.pointee.type == REDIS_REPLY_ARRAY }

    var isError: Bool { reply.pointee.type == REDIS_REPLY_ERROR }

    /// The number of elements; 0 for everything but an array.
    package var count: Int { isArray ? Int(reply.pointee.elements) : 0 }

    /// The element at `index`; `nil` beyond the end.
    package subscript(index: Int) -> ReplyView? {
        guard index >= 0, index < count, let element = reply.pointee.element[index] else { return nil }
        return ReplyView(element)
    }

    /// The bytes of a string, a status, or an error; empty for everything else.
    package var bytes: UnsafeRawBufferPointer {
        switch reply.pointee.type {
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS, REDIS_REPLY_ERROR:
            UnsafeRawBufferPointer(start: reply.pointee.str, count: Int(reply.pointee.len))
        default:
            UnsafeRawBufferPointer(start: nil, count: 0)
        }
    }

    /// `bytes` as text; invalid UTF-8 is repaired.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// A copy that outlives the call.
    func value() throws(RedisError) -> RedisValue {
        switch reply.pointee.type {
        case REDIS_REPLY_STATUS: return .simple(text)
        case REDIS_REPLY_ERROR: return .error(RedisServerError(line: text))
        case REDIS_REPLY_INTEGER: return .integer(reply.pointee.integer)
        case REDIS_REPLY_STRING: return .bulk(ByteBuffer(bytes: bytes))
        case REDIS_REPLY_NIL: return .null
        case REDIS_REPLY_ARRAY:
            var elements: [RedisValue] = []
            elements.reserveCapacity(count)
            for index in 0..<count {
                guard let element = self[index] else { throw .protocolViolation("an array lacks an element") }
                elements.append(try element.value())
            }
            return .array(elements)
        default:
            throw .protocolViolation("a reply of a type that RESP2 does not have")
        }
    }
}
