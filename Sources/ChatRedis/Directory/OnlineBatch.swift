internal import ChatCore
internal import ChatProtocol
internal import RedisClient

/// What one HSCAN gave of one node's users.
struct OnlineBatch: Sendable {
    var node: String
    /// The cursor this batch was read with.
    var scan: String
    /// The cursor of the node's next batch; `0`: there is none.
    var nextScan: String
    /// In the order of their ids.
    var users: [PresentUser]

    init?(_ reply: RedisValue, node: String, scan: String) {
        guard let values = reply.array, values.count == 2, let next = values[0].string, let fields = values[1].array
        else { return nil }
        self.init(node: node, scan: scan, nextScan: next, users: PresentUser.users(fields[...]))
    }

    init(node: String, scan: String, nextScan: String, users: [PresentUser]) {
        self.node = node
        self.scan = scan
        self.nextScan = nextScan
        self.users = users.sorted { $0.id.string < $1.id.string }
    }
}

extension OnlinePage {
    /// Fills a page from batches of consecutive nodes, each user once.
    ///
    /// - Parameters:
    ///   - start: where the page begins, in the first of the batches.
    ///   - nextNode: the living node behind those the batches are from.
    init(_ batches: [OnlineBatch], from start: OnlineCursor, limit: Int, count: Int, nextNode: String?) {
        var users: [PresentUser] = []
        var seen: Set<String> = []
        for (index, batch) in batches.enumerated() {
            let isContinued = index == 0 && batch.node == start.node
            var last = isContinued ? start.user : ""
            for user in batch.users where user.id.string > last {
                if users.count == limit {
                    let next = OnlineCursor(node: batch.node, scan: batch.scan, user: last)
                    self.init(users: users, count: count, next: next.text)
                    return
                }
                last = user.id.string
                if seen.insert(last).inserted { users.append(user) }
            }
            if batch.nextScan != "0" {
                let next = OnlineCursor(node: batch.node, scan: batch.nextScan)
                self.init(users: users, count: count, next: next.text)
                return
            }
        }
        self.init(users: users, count: count, next: nextNode.map { OnlineCursor(node: $0).text })
    }
}
