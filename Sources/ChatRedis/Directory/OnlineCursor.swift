internal import ChatProtocol

/// Where a page of everyone online ended: `NODE/SCAN/USER`.
///
/// Nodes are read in the order of their ids, each in the batches in which HSCAN gives its users, and a batch in the
/// order of the users' ids. So a page ends exactly at its limit, and users who come or go meanwhile disturb only the
/// batch they are in.
struct OnlineCursor: Equatable {
    var node: String
    /// HSCAN's cursor of the batch.
    var scan = "0"
    /// The last user given from the batch; empty: none yet.
    var user = ""

    init(node: String, scan: String = "0", user: String = "") {
        self.node = node
        self.scan = scan
        self.user = user
    }

    /// `nil` for a text that is no cursor; it comes from a client.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, NodeID(parts[0]) != nil, UInt64(parts[1]) != nil,
            parts[2].isEmpty || UserID(parts[2]) != nil
        else { return nil }
        self.init(node: parts[0], scan: parts[1], user: parts[2])
    }

    var text: String { "\(self.node)/\(self.scan)/\(self.user)" }
}
