import ChatProtocol
import NIOCore

/// Nodes that were found dead, until their users are taken out.
///
/// A node whose lease Redis has lost goes on under another id, and all nodes find the old one dead at the same moment as the
/// new one writes its shares. Its users stay a moment longer, so that nobody is shown as gone who is here. A value.
struct LostNodes {
    /// What a node has for writing its shares under its new id. Whoever cleans up after a node that is really dead tells of it
    /// at once: then there is nobody left to take out.
    static let handOver = TimeAmount.seconds(1)

    private var due: [NodeID: NIODeadline] = [:]

    mutating func note(_ node: NodeID, now: NIODeadline) {
        if self.due[node] == nil { self.due[node] = now + Self.handOver }
    }

    mutating func takeDue(now: NIODeadline) -> Set<NodeID> {
        guard !self.due.isEmpty else { return [] }
        let nodes = self.due.filter { $0.value <= now }.keys
        for node in nodes { self.due[node] = nil }
        return Set(nodes)
    }
}
