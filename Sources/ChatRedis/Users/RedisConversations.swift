public import ChatCore
public import ChatProtocol
public import Logging
public import NIOCore
public import RedisClient

/// Which conversations users have and how far they read them, over one command link. Used on the link's event loop only.
///
/// Direct rooms are in `user:{U}:inbox`, by last activity; rooms that a user was in are in `user:{U}:rooms`; what is read
/// of a room is with the room.
public final class RedisConversations: Conversations {
    let link: RedisCommandLink
    let keys: RedisKeys
    let settings: RedisStoreSettings
    private let logger: Logger

    /// - Parameter link: made with ``RedisScripts/all``.
    public init(link: RedisCommandLink, keys: RedisKeys, settings: RedisStoreSettings, logger: Logger) {
        self.link = link
        self.keys = keys
        self.settings = settings
        self.logger = logger
    }

    public func readOffset(of room: RoomName, by user: UserID) -> EventLoopFuture<UInt64?> {
        self.link.send(["HGET", RedisArgument(self.keys.reads(of: room)), RedisArgument(user.string)])
            .reading("HGET") { reply -> UInt64?? in .some(reply.string.flatMap { UInt64($0) }) }
    }

    public func visit(_ room: RoomName, by user: UserID) {
        if !room.isDirect { self.note(room, "joined", by: user) }
    }

    public func leave(_ room: RoomName, by user: UserID) {
        self.note(room, "left", by: user)
    }

    private func note(_ room: RoomName, _ what: RedisArgument, by user: UserID) {
        let logger = self.logger
        self.link.run(
            RedisScripts.visit,
            keys: [RedisArgument(self.keys.rooms(of: user))],
            arguments: [
                RedisArgument(room.string), what, RedisArgument(max(1, self.settings.visitedRooms)),
                RedisArgument(self.settings.memory(of: user)),
            ]
        ).whenFailure { error in logger.debug("A user's room could not be noted: \(error)") }
    }

    public func read(_ room: RoomName, upTo offset: UInt64, by user: UserID) -> EventLoopFuture<Reading> {
        self.link.run(
            RedisScripts.read,
            keys: [RedisArgument(self.keys.reads(of: room)), RedisArgument(self.keys.meta(room))],
            arguments: [
                RedisArgument(user.string), RedisArgument(offset), RedisArgument(max(1, self.settings.readers)),
            ]
        ).reading("read") { reply in
            switch reply.int {
            case 1: .moved
            case 0: .unchanged
            case -1: .beyondHead
            default: nil
            }
        }
    }
}

@available(*, unavailable)
extension RedisConversations: Sendable {}

extension RedisStoreSettings {
    /// Milliseconds after which what is known of a user is forgotten; 0: never.
    func memory(of user: UserID) -> Int64 {
        user.isGuest ? max(1, self.guestMemory.milliseconds) : 0
    }
}
