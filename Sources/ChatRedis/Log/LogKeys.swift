internal import ChatProtocol
internal import RedisClient

extension RedisKeys {
    /// KEYS of the scripts of a room's log, but for those that append.
    func logKeys(_ room: RoomName) -> [RedisArgument] {
        self.appendKeys(room) + [RedisArgument(self.changes(of: room))]
    }

    /// KEYS of `append.lua`, without the sender's key.
    func appendKeys(_ room: RoomName) -> [RedisArgument] {
        [RedisArgument(self.log(room)), RedisArgument(self.meta(room))]
    }

    /// Where a room's entries are published. A direct room has no channel: its entries go to the two users' own.
    func logChannel(_ room: RoomName) -> RedisArgument {
        RedisArgument(room.isDirect ? "" : self.roomChannel(room))
    }
}
