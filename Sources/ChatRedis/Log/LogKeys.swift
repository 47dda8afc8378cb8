internal import ChatProtocol
internal import RedisClient

extension RedisKeys {
    /// KEYS of all scripts of a room's log.
    func logKeys(_ room: RoomName) -> [RedisArgument] {
        [RedisArgument(self.log(room)), RedisArgument(self.meta(room)), RedisArgument(self.changes(of: room))]
    }

    /// Where a room's entries are published. A direct room has no channel: its entries go to the two users' own.
    func logChannel(_ room: RoomName) -> RedisArgument {
        RedisArgument(room.isDirect ? "" : self.roomChannel(room))
    }
}
