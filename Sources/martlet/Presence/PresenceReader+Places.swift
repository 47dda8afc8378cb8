import ChatProtocol
import RedisClient

extension PresenceReader {
    /// A page of where users are.
    ///
    /// With a room: who is there, node by node. With a user: the nodes and rooms of that one, all on one page. Else who is on
    /// which node. It costs a few commands for each node and each user of the page, whatever the size of the cluster.
    ///
    /// - Parameter after: what the former page said; any other text begins anew.
    /// - Throws: `RedisError`.
    func places(_ filter: PresenceFilter, after: String? = nil, limit: Int) async throws -> PlacesReport {
        let now = try await time()
        let alive = try await living(now: now).filter { filter.includes(node: $0) }
        if let user = filter.user {
            let places = try await places(of: try await id(of: user), in: filter.room, nodes: alive)
            return PlacesReport(at: now, count: places.count, users: Array(places.prefix(limit)), after: nil)
        }
        let shares = try await nodesWithShares(alive, room: filter.room).map { node in
            Share(node: node, key: filter.room.map { keys.share(ofNode: node, inRoom: $0) } ?? keys.users(ofNode: node))
        }
        var count = 0
        for share in shares { count += try await redis.send(["HLEN", RedisArgument(share.key)]).int ?? 0 }
        var page = PlacesReport(at: now, count: count, users: [], after: nil)
        let cursor = after.flatMap(PlaceCursor.init)
        page.after = try await fill(&page.users, from: shares, room: filter.room, cursor: cursor, limit: limit)?.text
        return page
    }

    /// One node's list of users: of a room, or of all that are there.
    private struct Share {
        let node: String
        let key: String
    }

    /// - Returns: where the next page begins; nil: there is none.
    private func fill(
        _ users: inout [PlaceReport], from shares: [Share], room: String?, cursor: PlaceCursor?, limit: Int
    ) async throws -> PlaceCursor? {
        for share in shares where share.node >= cursor?.node ?? "" {
            if users.count >= limit { return PlaceCursor(node: share.node, scan: "0", skip: 0) }
            var place = PlaceCursor(node: share.node, scan: "0", skip: 0)
            if let cursor, cursor.node == share.node { place = cursor }
            repeat {
                if users.count >= limit { return place }
                let reply = try await redis.send([
                    "HSCAN", RedisArgument(share.key), RedisArgument(place.scan), "COUNT", RedisArgument(limit),
                ])
                guard let parts = reply.array, parts.count == 2, let next = parts[0].string, let pairs = parts[1].array
                else { return nil }
                // A small hash is given whole, whatever was asked for: what does not fit is passed over on the next page.
                let all = pairs.count / 2
                let last = min(all, place.skip + limit - users.count)
                for index in min(place.skip, last)..<last {
                    guard let id = pairs[2 * index].string, let json = pairs[2 * index + 1].string else { continue }
                    let value = ShareValue.parse(json)
                    users.append(PlaceReport(id: id, value: value, node: share.node, room: room))
                }
                if last < all { return PlaceCursor(node: share.node, scan: place.scan, skip: last) }
                place = PlaceCursor(node: share.node, scan: next, skip: 0)
            } while place.scan != "0"
        }
        return nil
    }

    /// The nodes whose lease is valid, by id.
    private func living(now: Int64) async throws -> [String] {
        let reply = try await redis.send(["ZRANGEBYSCORE", RedisArgument(keys.nodes), RedisArgument(now), "+inf"])
        return (reply.array ?? []).compactMap(\.string).sorted()
    }

    private func nodesWithShares(_ nodes: [String], room: String?) async throws -> [String] {
        guard let room else { return nodes }
        let reply = try await redis.send(["SMEMBERS", RedisArgument(keys.nodes(ofRoom: room))])
        let known = Set((reply.array ?? []).compactMap(\.string))
        return nodes.filter(known.contains)
    }

    /// Of a name the id of who has it now; any other text is an id.
    private func id(of user: String) async throws -> String {
        guard let name = DisplayName(user) else { return user }
        return try await redis.send(["GET", RedisArgument(keys.name(name.folded))]).string ?? user
    }

    private func places(of user: String, in room: String?, nodes: [String]) async throws -> [PlaceReport] {
        var rooms = room.map { [$0] } ?? []
        if room == nil {
            let pairs = try await redis.send(["HGETALL", RedisArgument(keys.rooms(ofUser: user))]).array ?? []
            for index in stride(from: 0, to: pairs.count - 1, by: 2) {
                guard let name = pairs[index].string, pairs[index + 1].string?.hasPrefix("joined") == true else {
                    continue
                }
                rooms.append(name)
            }
        }
        var places: [PlaceReport] = []
        for node in nodes {
            guard let here = try await value(of: user, in: keys.users(ofNode: node)) else { continue }
            var isSomewhere = false
            for room in rooms.sorted() {
                guard let value = try await value(of: user, in: keys.share(ofNode: node, inRoom: room)) else {
                    continue
                }
                isSomewhere = true
                places.append(PlaceReport(id: user, value: value, node: node, room: room))
            }
            if !isSomewhere, room == nil { places.append(PlaceReport(id: user, value: here, node: node, room: nil)) }
        }
        return places
    }

    private func value(of user: String, in key: String) async throws -> ShareValue? {
        try await redis.send(["HGET", RedisArgument(key), RedisArgument(user)]).string.map { ShareValue.parse($0) }
    }
}

/// Where a page begins: `<node>/<cursor of HSCAN>/<users to pass over there>`.
struct PlaceCursor: Equatable {
    let node: String
    let scan: String
    let skip: Int

    init(node: String, scan: String, skip: Int) {
        self.node = node
        self.scan = scan
        self.skip = skip
    }

    init?(_ text: String) {
        let parts = text.split(separator: "/").map(String.init)
        guard parts.count == 3, UInt64(parts[1]) != nil, let skip = Int(parts[2]), (0...100_000).contains(skip) else {
            return nil
        }
        self.init(node: parts[0], scan: parts[1], skip: skip)
    }

    var text: String { "\(node)/\(scan)/\(skip)" }
}
