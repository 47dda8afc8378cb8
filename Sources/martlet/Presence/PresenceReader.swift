import RedisClient

/// Reads a ``PresenceReport`` from Redis. It only reads, and in pages, so a large cluster does not hold Redis up.
struct PresenceReader: Sendable {
    let redis: RedisSession
    let keys: PresenceKeys

    /// How many rooms are read at once.
    private static let concurrency = 32

    /// The nodes and, unless only those are wanted, the rooms and users.
    ///
    /// - Throws: `RedisError`.
    func report(_ filter: PresenceFilter = PresenceFilter(), nodesOnly: Bool = false) async throws -> PresenceReport {
        let now = try await time()
        let nodes = try await nodeReports(now: now).filter { filter.includes(node: $0.id) }
        guard !nodesOnly else { return PresenceReport(at: now, nodes: nodes, rooms: []) }
        // A share of a dead node is only waiting to be removed.
        let alive = nodes.filter { $0.leaseLeft != nil }.map(\.id)
        var rooms: [String: [String]] = [:]
        for node in alive {
            let shares =
                if let room = filter.room { [room] } else { try await members(ofSet: keys.rooms(ofNode: node)) }
            for room in shares { rooms[room, default: []].append(node) }
        }
        var report = PresenceReport(at: now, nodes: nodes, rooms: try await roomReports(rooms, filter: filter))
        if filter.user != nil, filter.room == nil {
            let inRooms = Set(report.rooms.flatMap(\.users).map(\.id))
            report.roomless = try await online(on: alive, filter: filter).filter { !inRooms.contains($0.id) }
        }
        return report
    }

    private func online(on nodes: [String], filter: PresenceFilter) async throws -> [UserReport] {
        var merge = RoomMerge(limit: filter.usersPerRoom)
        for node in nodes where !merge.isFull {
            let entries = try await entries(keys.users(ofNode: node), filter: filter)
            merge.add(node: node, size: entries.count, entries: entries)
        }
        return merge.users
    }

    private func roomReports(_ rooms: [String: [String]], filter: PresenceFilter) async throws -> [RoomReport] {
        try await withThrowingTaskGroup(of: RoomReport?.self) { group in
            var reports: [RoomReport] = []
            var waiting = rooms.makeIterator()
            func startNext() {
                guard let (room, nodes) = waiting.next() else { return }
                group.addTask { try await roomReport(room, nodes: nodes, filter: filter) }
            }
            for _ in 0..<Self.concurrency { startNext() }
            while let report = try await group.next() {
                if let report { reports.append(report) }
                startNext()
            }
            return reports.sorted { $0.room < $1.room }
        }
    }

    /// Nil when nobody who is wanted is in it.
    private func roomReport(_ room: String, nodes: [String], filter: PresenceFilter) async throws -> RoomReport? {
        var merge = RoomMerge(limit: filter.usersPerRoom)
        for node in nodes {
            let key = keys.share(ofNode: node, inRoom: room)
            let size = try await redis.send(["HLEN", RedisArgument(key)]).int ?? 0
            guard size > 0 else { continue }
            let entries = merge.isFull ? [:] : try await self.entries(key, filter: filter)
            // Of one who is looked for, the others do not count.
            merge.add(node: node, size: filter.user == nil ? max(size, entries.count) : entries.count, entries: entries)
        }
        let report = merge.report(room: room)
        return report.users.isEmpty ? nil : report
    }

    /// The entries of a share, or of a node's list of users, that are wanted, up to about the limit.
    private func entries(_ key: String, filter: PresenceFilter) async throws -> [String: ShareValue] {
        var entries: [String: ShareValue] = [:]
        try await scan("HSCAN", key: key) { page in
            for index in stride(from: 0, to: page.count - 1, by: 2) {
                guard let id = page[index].string, let json = page[index + 1].string else { continue }
                let value = ShareValue.parse(json)
                if filter.includes(user: id, name: value.name) { entries[id] = value }
            }
            return entries.count < filter.usersPerRoom
        }
        return entries
    }

    private func members(ofSet key: String) async throws -> [String] {
        var found: Set<String> = []
        try await scan("SSCAN", key: key) { page in
            found.formUnion(page.compactMap(\.string))
            return true
        }
        return Array(found)
    }

    /// - Parameter take: gets a page; false ends the scan.
    private func scan(_ command: RedisArgument, key: String, take: ([RedisValue]) -> Bool) async throws {
        var cursor = "0"
        repeat {
            let reply = try await redis.send([command, RedisArgument(key), RedisArgument(cursor), "COUNT", 500])
            guard let parts = reply.array, parts.count == 2, let next = parts[0].string, let page = parts[1].array,
                take(page)
            else { return }
            cursor = next
        } while cursor != "0"
    }
}
