import ChatProtocol
import NIOCore

extension Session {
    /// Notes that the user came to a room, and asks how far it was read; `nil` when that is not known.
    ///
    /// It never fails: who cannot be told this can be in the room all the same.
    func visit(_ room: RoomName, user: UserID) -> EventLoopFuture<UInt64?> {
        // The answer would not come before the command's deadline, and the room may be open in memory.
        guard !self.loop.isDegraded else { return self.loop.eventLoop.makeSucceededFuture(nil) }
        return self.loop.conversations.visit(room, by: user).recover { _ in nil }
    }
}
