public import NIOCore

/// A page of a user's conversations, the one with the latest activity first.
public struct ConversationList: Sendable {
    public struct Conversation: Sendable, Equatable {
        public var room: RoomName
        /// The other one of a direct room.
        public var user: Member?
        /// False for a room that the user left.
        public var isJoined: Bool
        /// The last entry, as stored; `nil` when there is none.
        public var last: ByteBuffer?
        public var readOffset: UInt64
        /// Messages of others behind `readOffset`.
        public var unread: Int
        /// Those of them that mention the user.
        public var mentions: Int
        /// There are more than were counted.
        public var isApproximate: Bool

        public init(
            room: RoomName,
            user: Member? = nil,
            isJoined: Bool = true,
            last: ByteBuffer? = nil,
            readOffset: UInt64 = 0,
            unread: Int = 0,
            mentions: Int = 0,
            isApproximate: Bool = false
        ) {
            self.room = room
            self.user = user
            self.isJoined = isJoined
            self.last = last
            self.readOffset = readOffset
            self.unread = unread
            self.mentions = mentions
            self.isApproximate = isApproximate
        }
    }

    public var re: String?
    public var conversations: [Conversation]
    public var after: String?

    public init(re: String?, conversations: [Conversation], after: String?) {
        self.re = re
        self.conversations = conversations
        self.after = after
    }

    func encode(into json: inout JSONWriter) {
        json.field("type", "inbox")
        json.field("re", optional: self.re)
        json.name("conversations")
        json.beginArray()
        for conversation in self.conversations { Self.encode(conversation, into: &json) }
        json.endArray()
        json.field("after", optional: self.after)
    }

    private static func encode(_ conversation: Conversation, into json: inout JSONWriter) {
        json.beginObject()
        json.field("room", conversation.room.string)
        if let user = conversation.user {
            json.name("user")
            user.encode(into: &json)
        } else {
            json.field("joined", conversation.isJoined)
        }
        if let last = conversation.last {
            json.name("last")
            json.value(encoded: last)
        }
        json.field("readOffset", conversation.readOffset)
        json.field("unread", conversation.unread)
        json.field("mentions", conversation.mentions)
        if conversation.isApproximate { json.field("approx", true) }
        json.endObject()
    }
}
