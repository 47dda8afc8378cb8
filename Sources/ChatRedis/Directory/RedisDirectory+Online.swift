public import ChatCore
internal import ChatProtocol
public import NIOCore
internal import RedisClient

extension RedisDirectory {
    /// Node by node over those that live, in three round trips. A text that is no cursor gives an empty last page.
    ///
    /// Within a page each user stands once; a user on several nodes may stand on several pages.
    public func online(after cursor: String?, limit: Int) -> EventLoopFuture<OnlinePage> {
        let start = cursor.map { OnlineCursor($0) }
        if case .some(.none) = start {
            return self.link.eventLoop.makeSucceededFuture(OnlinePage(users: [], count: 0, next: nil))
        }
        let living = self.link.run(RedisScripts.living, keys: [RedisArgument(self.keys.leases)], arguments: [])
            .reading("living") { $0.array?.compactMap { $0.string.flatMap { NodeID($0) } } }
        return living.assumeIsolated().flatMap { nodes in
            let sizes = nodes.map { node in
                self.link.send(["HLEN", RedisArgument(self.keys.users(of: node))]).reading("HLEN", \.int)
            }
            return EventLoopFuture.whenAllSucceed(sizes, on: self.link.eventLoop).assumeIsolated().flatMap { sizes in
                self.page(Array(zip(nodes, sizes)), from: start ?? nil, limit: max(1, limit))
            }.nonisolated()
        }.nonisolated()
    }

    private func page(
        _ nodes: [(NodeID, Int)],
        from start: OnlineCursor?,
        limit: Int
    ) -> EventLoopFuture<OnlinePage> {
        let count = nodes.reduce(0) { $0 + $1.1 }
        let start = start ?? OnlineCursor(node: "")
        var rest = nodes.drop { !start.node.isEmpty && Self.precedes($0.0.string, start.node) }
        var batches: [EventLoopFuture<OnlineBatch>] = []
        var expected = 0
        while expected <= limit, let (node, size) = rest.popFirst() {
            // One that is continued has given users before; nothing says how many are left.
            let isContinued = node.string == start.node
            if !isContinued { expected += size }
            if size > 0 { batches.append(self.batch(of: node, scan: isContinued ? start.scan : "0", limit: limit)) }
        }
        let nextNode = rest.first { $0.1 > 0 }?.0.string
        return EventLoopFuture.whenAllSucceed(batches, on: self.link.eventLoop).map { batches in
            OnlinePage(batches, from: start, limit: limit, count: count, nextNode: nextNode)
        }
    }

    private func batch(of node: NodeID, scan: String, limit: Int) -> EventLoopFuture<OnlineBatch> {
        self.link.send([
            "HSCAN", RedisArgument(self.keys.users(of: node)), RedisArgument(scan), "COUNT",
            RedisArgument(max(100, limit)),
        ]).reading("HSCAN") { OnlineBatch($0, node: node.string, scan: scan) }
    }

    /// By bytes, as the script sorts.
    private static func precedes(_ one: String, _ other: String) -> Bool {
        one.utf8.lexicographicallyPrecedes(other.utf8)
    }
}
