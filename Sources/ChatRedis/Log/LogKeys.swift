internal import ChatProtocol
internal import RedisClient

/// A room's names in Redis as the scripts of its log get them.
struct LogKeys {
    /// KEYS of all scripts of the log.
    let log: [RedisArgument]
    /// A direct room has no channel: its entries go to the two users' own.
    let channel: RedisArgument

    init(_ room: RoomName, keys: RedisKeys) {
        self.log = [
            RedisArgument(keys.log(room)), RedisArgument(keys.meta(room)), RedisArgument(keys.changes(of: room)),
        ]
        self.channel = RedisArgument(room.isDirect ? "" : keys.roomChannel(room))
    }
}

/// The names of rooms that are in use, made once. Bounded: when it is full it begins anew.
struct LogKeysCache {
    static let limit = 4_096

    private let keys: RedisKeys
    private var rooms: [RoomName: LogKeys] = [:]

    init(_ keys: RedisKeys) {
        self.keys = keys
    }

    subscript(_ room: RoomName) -> LogKeys {
        mutating get {
            if let known = self.rooms[room] { return known }
            if self.rooms.count >= Self.limit { self.rooms.removeAll(keepingCapacity: true) }
            let keys = LogKeys(room, keys: self.keys)
            self.rooms[room] = keys
            return keys
        }
    }
}
