/// The names of the keys that hold who is here, as an operator would type them into `redis-cli`.
struct PresenceKeys: Sendable {
    /// What every key begins with.
    let prefix: String

    /// Sorted set: node id → end of its lease, in milliseconds by Redis's clock.
    var nodes: String { prefix + "{nodes}" }

    /// Sorted set: dead nodes that are being cleaned up after.
    var deadNodes: String { prefix + "{nodes}:dead" }

    /// Hash: what a node says of itself.
    func node(_ id: String) -> String { "\(prefix)node:{\(id)}" }

    /// Set: the rooms in which a node has a share.
    func rooms(ofNode id: String) -> String { node(id) + ":rooms" }

    /// Hash: user id → JSON; the users on a node, in a room or not.
    func users(ofNode id: String) -> String { node(id) + ":users" }

    /// Hash: user id → JSON; a node's share of a room's presence.
    func share(ofNode id: String, inRoom room: String) -> String { "\(prefix)room:{\(room)}:here:\(id)" }
}
