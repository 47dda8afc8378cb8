internal import ChatProtocol
internal import RedisClient

/// A room's names in Redis as the scripts of its log get them.
final class LogKeys {
    /// KEYS of all scripts of the log.
    let log: [RedisArgument]
    /// A direct room has no channel: its entries go to the two users' own.
    let channel: RedisArgument
    private let settings: RedisStoreSettings
    /// Made with the first message: in most rooms that are open nothing is said.
    private(set) lazy var append = AppendCommand(self, settings: self.settings)

    init(_ room: RoomName, keys: RedisKeys, settings: RedisStoreSettings) {
        self.log = [
            RedisArgument(keys.log(room)), RedisArgument(keys.meta(room)), RedisArgument(keys.changes(of: room)),
        ]
        self.channel = RedisArgument(room.isDirect ? "" : keys.roomChannel(room))
        self.settings = settings
    }
}

/// The names of rooms that are in use, made once. Bounded: when it is full it begins anew.
struct LogKeysCache {
    static let limit = 4_096

    private let keys: RedisKeys
    private let settings: RedisStoreSettings
    private var rooms: [RoomName: LogKeys] = [:]

    init(_ keys: RedisKeys, settings: RedisStoreSettings) {
        self.keys = keys
        self.settings = settings
    }

    subscript(_ room: RoomName) -> LogKeys {
        mutating get {
            if let known = self.rooms[room] { return known }
            if self.rooms.count >= Self.limit { self.rooms.removeAll(keepingCapacity: true) }
            let keys = LogKeys(room, keys: self.keys, settings: self.settings)
            self.rooms[room] = keys
            return keys
        }
    }
}
