internal import CHiredis

/// Where one element of a reply lies among the texts of the reply.
struct ReplyNode {
    enum Kind {
        case status
        case error
        case integer
        case bulk
        case null
        case array
    }

    var kind: Kind
    /// Of an integer its value, of an array the number of its elements.
    var number: Int64 = 0
    /// The text's bytes.
    var start = 0
    var end = 0
    /// Where the text begins in all that was ever read.
    var place = 0
    /// The index of the node behind this one and all in it.
    var next = 0
}

/// The elements of one reply, in the order in which they are read: an array before what is in it. Their memory is used
/// again for the next reply.
struct ReplyNodes {
    private(set) var nodes: [ReplyNode] = []
    /// The texts of all elements, one behind the other.
    private(set) var texts: [UInt8] = []
    private let limits: ReplyLimits
    /// Whose elements these are, and how many bytes it was given since it was made.
    var reader: UnsafeMutablePointer<redisReader>?
    var fedBytes = 0
    /// Arrays whose elements are still to come.
    private var open: [(node: Int, missing: Int64)] = []

    init(limits: ReplyLimits) {
        self.limits = limits
    }

    /// All that was announced has come.
    var isWhole: Bool { open.isEmpty && !nodes.isEmpty }

    mutating func add(_ kind: ReplyNode.Kind, number: Int64 = 0) {
        add(ReplyNode(kind: kind, number: number))
        close()
    }

    /// - Parameter text: lies in what hiredis holds.
    mutating func add(_ kind: ReplyNode.Kind, text: UnsafeRawBufferPointer) {
        let start = texts.count
        texts.append(contentsOf: text)
        add(ReplyNode(kind: kind, start: start, end: texts.count, place: place(of: text)))
        close()
    }

    /// - Returns: whether an array of so many elements is taken here.
    mutating func addArray(_ count: Int) -> Bool {
        guard count >= 0, count <= limits.elements, open.count < limits.depth else { return false }
        add(ReplyNode(kind: .array, number: Int64(count)))
        if count > 0 { open.append((nodes.count - 1, Int64(count))) } else { close() }
        return true
    }

    mutating func removeAll() {
        nodes.removeAll(keepingCapacity: true)
        open.removeAll(keepingCapacity: true)
        // What a large reply took is given back.
        texts.removeAll(keepingCapacity: texts.capacity <= 65_536)
    }

    /// hiredis holds the last bytes that it was given.
    private func place(of text: UnsafeRawBufferPointer) -> Int {
        guard let reader, let start = text.baseAddress, let held = reader.pointee.buf else { return 0 }
        return fedBytes - Int(reader.pointee.len) + (start - UnsafeRawPointer(held))
    }

    private mutating func add(_ node: ReplyNode) {
        nodes.append(node)
        nodes[nodes.count - 1].next = nodes.count
    }

    /// An element is complete: so may be the arrays that it is in.
    private mutating func close() {
        while !open.isEmpty {
            let last = open.count - 1
            open[last].missing -= 1
            guard open[last].missing == 0 else { return }
            nodes[open[last].node].next = nodes.count
            open.removeLast()
        }
    }
}
