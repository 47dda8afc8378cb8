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

    /// Set: the nodes that have a share of a room.
    func nodes(ofRoom room: String) -> String { "\(prefix)room:{\(room)}:nodes" }

    /// Hash: a room's log's head.
    func meta(ofRoom room: String) -> String { "\(prefix)room:{\(room)}:meta" }

    /// Hash: how a room is set up.
    func settings(ofRoom room: String) -> String { "\(prefix)room:{\(room)}:settings" }

    /// Hash: the rooms a user has been in → `joined` or `left`, and when.
    func rooms(ofUser id: String) -> String { "\(prefix)user:{\(id)}:rooms" }

    /// String: the id of the user who has a name.
    func name(_ folded: String) -> String { "\(prefix)name:{\(folded)}" }

    /// Sorted set: the rooms, in the order of their names.
    var allRooms: String { prefix + "rooms" }

    /// Sorted set: the users who are on any node.
    var online: String { prefix + "online" }
}
