import ChatCore
import ChatProtocol
import NIOCore

extension FakeStore: Conversations {
    func readOffset(of room: RoomName, by user: UserID) -> EventLoopFuture<UInt64?> {
        perform(.visit) { redis.reads[room]?[user] }
    }

    func visit(_ room: RoomName, by user: UserID) {
        if !room.isDirect { redis.visited[user, default: []].insert(room) }
    }

    func leave(_ room: RoomName, by user: UserID) {
        redis.visited[user]?.remove(room)
    }

    func read(_ room: RoomName, upTo offset: UInt64, by user: UserID) -> EventLoopFuture<Reading> {
        perform(.read) {
            guard offset <= redis.log(room).head.offset else { return .beyondHead }
            guard offset > redis.reads[room]?[user] ?? 0 else { return .unchanged }
            redis.reads[room, default: [:]][user] = offset
            return .moved
        }
    }

    /// The order and the counts are the real store's business.
    func conversations(
        of user: UserID, isOperator: Bool, scope: RoomScope?, after cursor: String?, limit: Int
    ) -> EventLoopFuture<ConversationsPage> {
        perform(.list) {
            let rooms = (redis.visited[user] ?? []).sorted { $0.string < $1.string }
            let conversations = rooms.map { room in
                ConversationList.Conversation(
                    room: room, last: redis.log(room).entries.last?.json, readOffset: redis.reads[room]?[user] ?? 0,
                    unread: redis.log(room).entries.count
                )
            }
            return ConversationsPage(conversations: conversations, next: nil)
        }
    }
}
