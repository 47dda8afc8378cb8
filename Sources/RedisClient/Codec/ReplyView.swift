internal import NIOCore

/// A reply where it was read. Valid only inside the call that passes it, so the message path can look at a reply without
/// copying it.
package struct ReplyView {
    private let nodes: UnsafeBufferPointer<ReplyNode>
    private let texts: UnsafeRawBufferPointer
    private let index: Int
    private unowned(unsafe) let reader: ReplyReader

    /// - Parameter texts: what the nodes' places are in.
    init(_ nodes: UnsafeBufferPointer<ReplyNode>, texts: UnsafeRawBufferPointer, index: Int, reader: ReplyReader) {
        self.nodes = nodes
        self.texts = texts
        self.index = index
        self.reader = reader
    }

    private var node: ReplyNode { nodes[index] }

    var isArray: Bool { node.kind == .array }

    var isError: Bool { node.kind == .error }

    /// The number of elements; 0 for everything but an array.
    package var count: Int { isArray ? Int(node.number) : 0 }

    /// The element at `place`; `nil` beyond the end. Steps over those before it.
    package subscript(place: Int) -> ReplyView? {
        guard place >= 0, place < count else { return nil }
        var child = index + 1
        for _ in 0..<place { child = nodes[child].next }
        return ReplyView(nodes, texts: texts, index: child, reader: reader)
    }

    /// The bytes of a string, a status, or an error; empty for everything else.
    package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: texts[node.start..<node.end])
    }

    /// `bytes` as text; invalid UTF-8 is repaired.
    package var text: String {
        // For short ones half of what `String(decoding:as:)` costs.
        let bytes = bytes
        return String(unsafeUninitializedCapacity: bytes.count) { target in
            UnsafeMutableRawBufferPointer(target).copyMemory(from: bytes)
            return bytes.count
        }
    }

    /// A copy of `bytes` that outlives the call.
    var copy: ByteBuffer {
        let bytes = bytes
        var copy = ByteBufferAllocator().buffer(capacity: bytes.count)
        copy.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.count) { target in
            target.copyMemory(from: bytes)
            return bytes.count
        }
        return copy
    }

    /// `bytes` in the memory that the whole read took, where they came in one read; else a copy. Outlives the call, and keeps
    /// the memory from being used again.
    var shared: ByteBuffer { reader.slice(of: node) ?? copy }

    /// A copy that outlives the call.
    func value() -> RedisValue {
        switch node.kind {
        case .status: return .simple(text)
        case .error: return .error(RedisServerError(line: text))
        case .integer: return .integer(node.number)
        case .bulk: return .bulk(copy)
        case .null: return .null
        case .array:
            var elements: [RedisValue] = []
            elements.reserveCapacity(count)
            var child = index + 1
            for _ in 0..<count {
                elements.append(ReplyView(nodes, texts: texts, index: child, reader: reader).value())
                child = nodes[child].next
            }
            return .array(elements)
        }
    }
}
