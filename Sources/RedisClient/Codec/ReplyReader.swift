internal import CHiredis
package import NIOCore

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
///
/// hiredis' own functions allocate an object for each element, and mostly a string. Ours note the elements in memory that
/// is used again for each reply (docs/decisions/0003).
package final class ReplyReader {
    private let reader: UnsafeMutablePointer<redisReader>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    /// C passes it along to our functions.
    private let found: UnsafeMutablePointer<ReplyNodes>
    private let limits: ReplyLimits
    /// What came and hiredis has not been given yet.
    private var unread = ByteBuffer()
    /// All that one read brought, with what was left of the one before, and its place in all that was ever read.
    private var read = ByteBuffer()
    private var readPlace = 0
    /// Bytes given to hiredis of the reply that is not complete yet.
    private var unfinishedBytes = 0

    /// Bytes that hiredis gets at once. After each kilobyte that it has read it moves the rest of what it has.
    private static let pieceBytes = 4_096

    /// `nil` when there is no memory.
    package init?(limits: ReplyLimits) {
        functions = .allocate(capacity: 1)
        functions.initialize(to: Self.functions)
        guard let reader = redisReaderCreateWithFunctions(functions) else {
            functions.deallocate()
            return nil
        }
        self.reader = reader
        self.limits = limits
        found = .allocate(capacity: 1)
        found.initialize(to: ReplyNodes(limits: limits))
        reader.pointee.privdata = UnsafeMutableRawPointer(found)
        found.pointee.reader = reader
    }

    deinit {
        redisReaderFree(reader)
        functions.deallocate()
        found.deinitialize(count: 1)
        found.deallocate()
    }

    /// Adds what one read brought. Take all replies with ``next(_:)``, then say ``endRead()``.
    package func append(_ read: ByteBuffer) {
        if unread.readableBytes == 0 { unread = read } else { unread.writeImmutableBuffer(read) }
        self.read = unread
        readPlace = found.pointee.fedBytes
    }

    /// The bytes of a text in the memory that they were read into; `nil` when they are not all in what was added last.
    func slice(of node: ReplyNode) -> ByteBuffer? {
        guard node.place >= readPlace else { return nil }
        return read.getSlice(at: read.readerIndex + node.place - readPlace, length: node.end - node.start)
    }

    /// Passes the next whole reply to `body`.
    ///
    /// - Returns: whether there was one.
    package func next(_ body: (ReplyView) throws(RedisError) -> Void) throws(RedisError) -> Bool {
        while true {
            var reply: UnsafeMutableRawPointer?
            guard redisReaderGetReply(reader, &reply) == REDIS_OK else { throw error() }
            if reply != nil { break }
            guard unfinishedBytes <= limits.bytes else {
                throw .protocolViolation("a reply of more than \(limits.bytes) bytes")
            }
            guard try feed() else { return false }
        }
        unfinishedBytes = Int(reader.pointee.len - reader.pointee.pos)
        // A type that RESP2 does not have makes no node.
        guard found.pointee.isWhole else { throw .protocolViolation("a reply of a type that RESP2 does not have") }
        try found.pointee.nodes.withUnsafeBufferPointer { nodes throws(RedisError) in
            try found.pointee.texts.withUnsafeBufferPointer { texts throws(RedisError) in
                try body(ReplyView(nodes, texts: UnsafeRawBufferPointer(texts), index: 0, reader: self))
            }
        }
        found.pointee.removeAll()
        return true
    }

    /// All replies have been taken: gives the channel its memory back.
    package func endRead() {
        unread = ByteBuffer()
        read = ByteBuffer()
    }

    /// - Returns: whether there was something left for hiredis to read.
    private func feed() throws(RedisError) -> Bool {
        guard let piece = unread.readSlice(length: min(unread.readableBytes, Self.pieceBytes)),
            piece.readableBytes > 0
        else { return false }
        unfinishedBytes += piece.readableBytes
        found.pointee.fedBytes += piece.readableBytes
        let result = piece.withUnsafeReadableBytes { bytes in
            redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard result == REDIS_OK else { throw error() }
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

extension ReplyReader {
    /// What hiredis calls for each element it has read. They return something that is not null for what was taken, and
    /// nobody looks at it. Types of later protocols have no function, so nothing is made of them.
    private static var functions: redisReplyObjectFunctions {
        var functions = redisReplyObjectFunctions()
        functions.createString = { task, text, count in
            guard let task, let found = ReplyReader.found(task) else { return nil }
            let kind: ReplyNode.Kind
            switch task.pointee.type {
            case REDIS_REPLY_STRING: kind = .bulk
            case REDIS_REPLY_STATUS: kind = .status
            case REDIS_REPLY_ERROR: kind = .error
            default: return nil
            }
            found.pointee.add(kind, text: UnsafeRawBufferPointer(start: text, count: Int(count)))
            return UnsafeMutableRawPointer(found)
        }
        // hiredis allocates an array when it has read its length, before any element came: `*2147483647` asks for
        // 16 GiB. Ours only counts what comes, and refuses what is too much or nested too deep.
        functions.createArray = { task, count in
            guard let task, task.pointee.type == REDIS_REPLY_ARRAY, let found = ReplyReader.found(task),
                found.pointee.addArray(Int(clamping: count))
            else { return nil }
            return UnsafeMutableRawPointer(found)
        }
        functions.createInteger = { task, number in
            guard let task, let found = ReplyReader.found(task) else { return nil }
            found.pointee.add(.integer, number: number)
            return UnsafeMutableRawPointer(found)
        }
        functions.createNil = { task in
            guard let task, let found = ReplyReader.found(task) else { return nil }
            found.pointee.add(.null)
            return UnsafeMutableRawPointer(found)
        }
        return functions
    }

    private static func found(_ task: UnsafePointer<redisReadTask>) -> UnsafeMutablePointer<ReplyNodes>? {
        task.pointee.privdata?.assumingMemoryBound(to: ReplyNodes.self)
    }
}
