import ChatProtocol
import NIOCore

extension Session {
    /// Asks how far the user has read a room; `nil` when that is not known.
    ///
    /// It never fails: who cannot be told this can be in the room all the same.
    func readOffset(of room: RoomName, user: UserID) -> EventLoopFuture<UInt64?> {
        // The answer would not come before the command's deadline, and the room may be open in memory.
        guard !self.loop.isDegraded else { return self.loop.eventLoop.makeSucceededFuture(nil) }
        return self.loop.conversations.readOffset(of: room, by: user).recover { _ in nil }
    }

    /// Notes that the user came to a room, among the conversations. Only who may be there: others must not find it there.
    func visited(_ room: RoomName, user: UserID) {
        guard !self.loop.isDegraded, !room.isDirect else { return }
        self.loop.conversations.visit(room, by: user)
    }
}
