import RedisClient

extension PresenceReader {
    /// A page of the public rooms, by name.
    ///
    /// - Parameter after: the last room of the former page.
    /// - Throws: `RedisError`.
    func rooms(after: String? = nil, limit: Int) async throws -> RoomsReport {
        let now = try await time()
        let from = after.map { "(" + $0 } ?? "-"
        let reply = try await redis.send([
            "ZRANGEBYLEX", RedisArgument(keys.allRooms), RedisArgument(from), "+", "LIMIT", 0, RedisArgument(limit + 1),
        ])
        let names = (reply.array ?? []).compactMap(\.string)
        let count = try await redis.send(["ZCARD", RedisArgument(keys.allRooms)]).int ?? 0
        var page = RoomsReport(at: now, count: count, rooms: [], after: nil)
        for name in names.prefix(limit) { page.rooms.append(try await line(of: name)) }
        if names.count > limit { page.after = page.rooms.last?.room }
        return page
    }

    private func line(of room: String) async throws -> RoomsReport.RoomLine {
        let topic = try await redis.send(["HGET", RedisArgument(keys.settings(ofRoom: room)), "topic"]).string
        let head = try await redis.send(["HMGET", RedisArgument(keys.meta(ofRoom: room)), "offset", "at"]).array ?? []
        let nodes = try await redis.send(["SMEMBERS", RedisArgument(keys.nodes(ofRoom: room))]).array ?? []
        var members = 0
        for node in nodes.compactMap(\.string) {
            members += try await redis.send(["HLEN", RedisArgument(keys.share(ofNode: node, inRoom: room))]).int ?? 0
        }
        let offset = head.first?.int.flatMap { $0 > 0 ? $0 : nil }
        return RoomsReport.RoomLine(
            room: room,
            topic: topic,
            members: members,
            nodes: nodes.count,
            offset: offset,
            lastAt: offset.flatMap { _ in head.last?.int.map(Int64.init) }
        )
    }

    /// The whole cluster in a few numbers; a few commands for each node.
    ///
    /// - Throws: `RedisError`.
    func statistics() async throws -> ClusterStatistics {
        let now = try await time()
        return ClusterStatistics(
            at: now,
            nodes: try await nodeReports(now: now),
            users: try await redis.send(["ZCARD", RedisArgument(keys.online)]).int ?? 0,
            rooms: try await redis.send(["ZCARD", RedisArgument(keys.allRooms)]).int ?? 0
        )
    }
}
