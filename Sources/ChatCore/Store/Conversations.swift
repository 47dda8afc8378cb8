public import ChatProtocol
public import NIOCore

/// What a user's devices share of the user's conversations: which there are, and how far each has been read. One
/// instance serves one event loop.
public protocol Conversations: AnyObject {
    /// How far a user has read a room; `nil` when nothing is known of that.
    func readOffset(of room: RoomName, by user: UserID) -> EventLoopFuture<UInt64?>

    /// Notes that a user came to a room; a direct room is noted with its first entry instead.
    func visit(_ room: RoomName, by user: UserID)

    /// Notes that a user left a room of one's own accord.
    func leave(_ room: RoomName, by user: UserID)

    /// Notes how far a user has read. It only moves forward.
    func read(_ room: RoomName, upTo offset: UInt64, by user: UserID) -> EventLoopFuture<Reading>

    /// A page of a user's conversations, the one with the latest activity first; without rooms that the user may not read.
    ///
    /// - Parameters:
    ///   - isOperator: of the cluster: may read all rooms.
    ///   - scope: the rooms that the user is let into; `nil`: all.
    func conversations(
        of user: UserID, isOperator: Bool, scope: RoomScope?, after cursor: String?, limit: Int
    ) -> EventLoopFuture<ConversationsPage>
}

/// What became of a `read`.
public enum Reading: Sendable, Equatable {
    /// The user has read further than before.
    case moved
    /// The user had read as far already.
    case unchanged
    /// The log does not reach there.
    case beyondHead
}

public struct ConversationsPage: Sendable, Equatable {
    public var conversations: [ConversationList.Conversation]
    public var next: String?

    public init(conversations: [ConversationList.Conversation], next: String?) {
        self.conversations = conversations
        self.next = next
    }
}
