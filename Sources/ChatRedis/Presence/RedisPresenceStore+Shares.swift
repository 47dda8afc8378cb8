public import ChatCore
public import ChatProtocol
public import NIOCore
internal import RedisClient

extension RedisPresenceStore {
    public func shares(of room: RoomName, upTo limit: Int) -> EventLoopFuture<Shares> {
        self.link.run(
            RedisScripts.shares,
            keys: [RedisArgument(self.keys.nodes(of: room))],
            arguments: [RedisArgument(self.keys.sharePrefix(room)), RedisArgument(max(0, limit))]
        ).reading("shares") { reply in
            guard let values = reply.array, values.count == 2, let isWhole = values[0].int, let list = values[1].array
            else { return nil }
            return isWhole == 1
                ? .whole(Self.byNode(list) { $0.array.map { PresentUser.users($0[...]) } })
                : .sizes(Self.byNode(list) { $0.int })
        }
    }

    private static func byNode<Value>(_ list: [RedisValue], _ read: (RedisValue) -> Value?) -> [NodeID: Value] {
        var values: [NodeID: Value] = [:]
        for index in stride(from: 0, to: list.count - 1, by: 2) {
            guard let node = list[index].string.flatMap({ NodeID($0) }), let value = read(list[index + 1]) else {
                continue
            }
            values[node] = value
        }
        return values
    }

    /// A cursor is `<node>/<cursor of HSCAN>/<users to pass over>`; any other text begins anew.
    public func members(of room: RoomName, after cursor: String?, limit: Int) -> EventLoopFuture<OnlinePage> {
        let place = cursor.flatMap { Self.place($0) } ?? ("", "0", 0)
        return self.link.run(
            RedisScripts.members,
            keys: [RedisArgument(self.keys.nodes(of: room))],
            arguments: [
                RedisArgument(self.keys.sharePrefix(room)), RedisArgument(place.node), RedisArgument(place.cursor),
                RedisArgument(place.skip), RedisArgument(max(1, limit)),
            ]
        ).reading("members") { reply in
            guard let values = reply.array, values.count == 5, let count = values[0].int, let users = values[1].array,
                let node = values[2].string, let cursor = values[3].string, let skip = values[4].int
            else { return nil }
            return OnlinePage(
                users: PresentUser.users(users[...]), count: count,
                next: node.isEmpty ? nil : "\(node)/\(cursor)/\(skip)", isApproximate: true
            )
        }
    }

    private static func place(_ cursor: String) -> (node: String, cursor: String, skip: Int)? {
        let parts = cursor.split(separator: "/")
        guard parts.count == 3, NodeID(String(parts[0])) != nil, UInt64(parts[1]) != nil, let skip = Int(parts[2]),
            (0...100_000).contains(skip)
        else { return nil }
        return (String(parts[0]), String(parts[1]), skip)
    }
}
