extension PresenceReport {
    /// The nodes' table: all that `martlet nodes` shows.
    var nodesText: String {
        guard !nodes.isEmpty else { return "no nodes\n" }
        var table = TextTable(
            header: ["NODE", "STATE", "LEASE", "ADDRESS", "SESSIONS", "USERS", "ROOMS", "VERSION", "STARTED"]
        )
        for node in nodes {
            table.add([
                node.id, node.state.rawValue, node.leaseLeft.map(Self.seconds) ?? "", node.address ?? "",
                node.sessions.map(String.init) ?? "", node.users.map(String.init) ?? "",
                node.rooms.map(String.init) ?? "", node.version ?? "", node.started.map(UTCTime.format) ?? "",
            ])
        }
        return table.text
    }

    /// The nodes, then who is in which room.
    var presenceText: String {
        let roomless = roomless ?? []
        guard !rooms.isEmpty || !roomless.isEmpty else { return nodesText + "\nnobody is here\n" }
        var table = TextTable(header: ["ROOM", "USER", "NAME", "STATUS", "SESSIONS", "NODES", "SINCE"])
        for room in rooms {
            for user in room.users { table.add([room.room] + Self.row(user)) }
            if room.isCut { table.add([room.room, "… \(room.count) in all"]) }
        }
        for user in roomless { table.add([""] + Self.row(user)) }
        return nodesText + "\n" + table.text
    }

    /// All that `martlet presence` shows. A node that was asked for and does not exist is named: "nobody is here" would be
    /// true of an idle one, too.
    func text(for filter: PresenceFilter) -> String {
        if let node = filter.node, nodes.isEmpty { return "no node \(node); `martlet nodes` lists them\n" }
        return presenceText
    }

    private static func row(_ user: UserReport) -> [String] {
        [
            user.id, user.name, user.statusText.map { "\(user.status) (\($0))" } ?? user.status,
            String(user.sessions), user.nodes.sorted().joined(separator: ","), UTCTime.format(user.since),
        ]
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        "\(milliseconds / 1000).\(milliseconds % 1000 / 100)s"
    }
}
