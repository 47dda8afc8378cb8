import ChatProtocol

/// Names that users went by until they were renamed.
///
/// Whoever renames a user frees the name that the user had there. But two of a user's devices may do so at the same moment, on two
/// nodes: both free the same name, and one of the two new ones stays reserved though nobody uses it. A whole heartbeat later
/// every node has heard of both, in the same order, and can tell which it is.
struct FormerNames {
    struct Use: Equatable {
        var user: UserID
        var name: DisplayName
    }

    private var young: [Use] = []
    private var old: [Use] = []
    /// Renames of one heartbeat that are looked at; the reservation of any other has an end of its own.
    private static let limit = 10_000

    mutating func add(_ name: DisplayName, of user: UserID) {
        guard self.young.count < Self.limit else { return }
        self.young.append(Use(user: user, name: name))
    }

    /// A heartbeat: what has been here for a whole one is given back.
    mutating func takeSettled() -> [Use] {
        let settled = self.old
        self.old = self.young
        self.young = []
        return settled
    }
}
