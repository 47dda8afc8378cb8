/// What has to be asked for at the end of this loop turn, as a value. Neighbours that fit become one request; the order
/// stays.
struct SubscriptionOutbox {
    private var requests: [(verb: SubscriptionVerb, kind: SubscriptionKind, names: [String])] = []
    private let batchSize: Int

    init(batchSize: Int) {
        self.batchSize = max(1, batchSize)
    }

    var isEmpty: Bool { requests.isEmpty }

    mutating func append(_ verb: SubscriptionVerb, _ kind: SubscriptionKind, _ name: String) {
        if let last = requests.last, last.verb == verb, last.kind == kind, last.names.count < batchSize {
            requests[requests.count - 1].names.append(name)
        } else {
            requests.append((verb, kind, [name]))
        }
    }

    mutating func takeAll() -> [(verb: SubscriptionVerb, kind: SubscriptionKind, names: [String])] {
        defer { requests.removeAll() }
        return requests
    }
}
