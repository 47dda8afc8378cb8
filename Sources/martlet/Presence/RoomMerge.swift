/// Merges the shares that several nodes have of one room.
struct RoomMerge: Sendable {
    private var byID: [String: UserReport] = [:]
    private var shareSizes = 0
    private var isCut = false
    private let limit: Int

    /// - Parameter limit: how many users are kept; of a larger room only the count is right.
    init(limit: Int) {
        self.limit = limit
    }

    /// Whether no more users are kept.
    var isFull: Bool { byID.count >= limit }

    /// - Parameters:
    ///   - size: of the whole share.
    ///   - entries: user id → value; fewer than `size` when the reading was cut short.
    mutating func add(node: String, size: Int, entries: [String: ShareValue]) {
        shareSizes += size
        if entries.count < size { isCut = true }
        for (id, value) in entries {
            guard var user = byID[id] else {
                if isFull {
                    isCut = true
                    continue
                }
                byID[id] = UserReport(
                    id: id,
                    name: value.name,
                    status: value.status,
                    statusText: value.statusText,
                    since: value.since,
                    sessions: value.sessions,
                    nodes: [node]
                )
                continue
            }
            user.sessions += value.sessions
            user.since = min(user.since, value.since)
            user.nodes.append(node)
            byID[id] = user
        }
    }

    /// By name, then id.
    var users: [UserReport] {
        byID.values.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    func report(room: String) -> RoomReport {
        RoomReport(
            room: room,
            count: isCut ? shareSizes : byID.count,
            isCut: isCut,
            users: users
        )
    }
}
