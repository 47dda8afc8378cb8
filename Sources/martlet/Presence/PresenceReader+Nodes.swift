import RedisClient

extension PresenceReader {
    /// Milliseconds since the Unix epoch by Redis's clock, which leases are measured by.
    func time() async throws -> Int64 {
        let reply = try await redis.send(["TIME"]).array ?? []
        guard reply.count == 2, let seconds = reply[0].int, let microseconds = reply[1].int else { return 0 }
        return Int64(seconds) * 1000 + Int64(microseconds) / 1000
    }

    /// Every node that has or had a lease, by id.
    func nodeReports(now: Int64) async throws -> [NodeReport] {
        var reports: [NodeReport] = []
        for (id, leaseEnd) in try await scores(keys.nodes) {
            reports.append(try await node(id, leaseLeft: leaseEnd >= now ? leaseEnd - now : nil, isCleaned: false))
        }
        for (id, _) in try await scores(keys.deadNodes) where !reports.contains(where: { $0.id == id }) {
            reports.append(try await node(id, leaseLeft: nil, isCleaned: true))
        }
        return reports.sorted { $0.id < $1.id }
    }

    private func node(_ id: String, leaseLeft: Int64?, isCleaned: Bool) async throws -> NodeReport {
        let pairs = try await redis.send(["HGETALL", RedisArgument(keys.node(id))]).array ?? []
        var fields: [String: RedisValue] = [:]
        for index in stride(from: 0, to: pairs.count - 1, by: 2) {
            if let name = pairs[index].string { fields[name] = pairs[index + 1] }
        }
        let state: NodeReport.State =
            switch (leaseLeft, isCleaned) {
            case (nil, true): .cleaning
            case (nil, false): .dead
            case (_?, _): fields["state"]?.string == "draining" ? .draining : .up
            }
        return NodeReport(
            id: id,
            state: state,
            leaseLeft: leaseLeft,
            address: fields["address"]?.string,
            version: fields["version"]?.string,
            started: fields["started"]?.int.map(Int64.init),
            sessions: fields["sessions"]?.int,
            users: fields["users"]?.int,
            rooms: fields["rooms"]?.int,
            entries: fields["entries"]?.int,
            deliveries: fields["deliveries"]?.int,
            entryRate: fields["entryRate"]?.string.flatMap(Double.init),
            deliveryRate: fields["deliveryRate"]?.string.flatMap(Double.init)
        )
    }

    private func scores(_ key: String) async throws -> [(member: String, score: Int64)] {
        let reply = try await redis.send(["ZRANGE", RedisArgument(key), 0, -1, "WITHSCORES"]).array ?? []
        return stride(from: 0, to: reply.count - 1, by: 2).compactMap { index in
            // Redis writes scores as doubles.
            guard let member = reply[index].string, let score = reply[index + 1].string.flatMap(Double.init),
                let whole = Int64(exactly: score.rounded())
            else { return nil }
            return (member, whole)
        }
    }
}
