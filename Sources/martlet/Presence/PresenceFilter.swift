import ChatProtocol

/// What of the cluster a person wants to see. Nil: everything.
struct PresenceFilter: Sendable, Equatable {
    var room: String?
    /// An id, or a name in any spelling that counts as the same name.
    var user: String?
    /// An id or a node's name, which is the id without its random part.
    var node: String?
    /// How many users of a room are read.
    var usersPerRoom = 1000

    func includes(node id: String) -> Bool {
        guard let node else { return true }
        guard id != node else { return true }
        guard let dash = id.lastIndex(of: "-") else { return false }
        return id[..<dash] == node
    }

    func includes(user id: String, name: String) -> Bool {
        guard let user else { return true }
        guard user != id, user != name else { return true }
        guard let wanted = DisplayName(user)?.folded else { return false }
        return DisplayName(name)?.folded == wanted
    }
}
