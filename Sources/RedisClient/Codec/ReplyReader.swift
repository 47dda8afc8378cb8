internal import CHiredis

/// How large one reply may get.
package struct ReplyLimits {
    var bytes: Int
    var elements: Int
    /// Arrays within arrays. hiredis 0.14 itself stops at 7; later ones have no limit.
    var depth = 7

    package init(bytes: Int, elements: Int, depth: Int = 7) {
        self.bytes = bytes
        self.elements = elements
        self.depth = depth
    }
}

/// Cuts a stream of bytes into replies, by hiredis's parser. After an error it is of no further use.
package final class ReplyReader {
    /// What ``createLimitedArray`` needs; C passes it along as a pointer.
    private struct ArrayContext {
        var hiredis: redisReplyObjectFunctions
        var limits: ReplyLimits
    }

    private let reader: UnsafeMutablePointer<redisReader>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let context: UnsafeMutablePointer<ArrayContext>
    private let limits: ReplyLimits
    /// Bytes seen of the reply that is not complete yet.
    private var unfinishedBytes = 0

    /// `nil` when there is no memory.
    package init?(limits: ReplyLimits) {
        guard let reader = redisReaderCreate(), let original = reader.pointee.fn else { return nil }
        self.reader = reader
        self.limits = limits
        context = .allocate(capacity: 1)
        context.initialize(to: ArrayContext(hiredis: original.pointee, limits: limits))
        functions = .allocate(capacity: 1)
        functions.initialize(to: original.pointee)
        // hiredis allocates an array when it has read its length, before any element came: `*2147483647` asks for
        // 16 GiB. Only this function can refuse that, and nesting, in every version of hiredis.
        functions.pointee.createArray = { task, count in
            guard let task, let context = task.pointee.privdata?.assumingMemoryBound(to: ArrayContext.self),
                Int(clamping: count) <= context.pointee.limits.elements
            else { return nil }
            var depth = 1
            var parent = task.pointee.parent
            while let above = parent {
                depth += 1
                parent = above.pointee.parent
            }
            guard depth <= context.pointee.limits.depth else { return nil }
            return context.pointee.hiredis.createArray?(task, count)
        }
        reader.pointee.fn = functions
        reader.pointee.privdata = UnsafeMutableRawPointer(context)
    }

    deinit {
        redisReaderFree(reader)
        functions.deallocate()
        context.deallocate()
    }

    package func append(_ bytes: UnsafeRawBufferPointer) throws(RedisError) {
        unfinishedBytes += bytes.count
        let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard redisReaderFeed(reader, start, bytes.count) == REDIS_OK else { throw error() }
    }

    /// Passes the next whole reply to `body`, then frees it.
    ///
    /// - Returns: whether there was one.
    package func next(_ body: (ReplyView) throws(RedisError) -> Void) throws(RedisError) -> Bool {
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &reply) == REDIS_OK else { throw error() }
        guard let reply else {
            if unfinishedBytes > limits.bytes {
                throw .protocolViolation("a reply of more than \(limits.bytes) bytes")
            }
            return false
        }
        defer { freeReplyObject(reply) }
        unfinishedBytes = Int(reader.pointee.len - reader.pointee.pos)
        try body(ReplyView(reply.assumingMemoryBound(to: redisReply.self)))
        return true
    }

    private func error() -> RedisError {
        if reader.pointee.err == REDIS_ERR_OOM {
            return .protocolViolation(
                "an array of more than \(limits.elements) elements or \(limits.depth) levels, or there is no memory"
            )
        }
        let text = withUnsafeBytes(of: reader.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return .protocolViolation(text)
    }
}
