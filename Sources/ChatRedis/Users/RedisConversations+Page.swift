public import ChatCore
public import ChatProtocol
public import NIOCore
internal import RedisClient

extension RedisConversations {
    /// In three steps, each one round trip: which there are, when something last happened in the rooms, and what the page
    /// shows of each. A cursor is `<at>:<room>` of the last conversation of a page.
    public func conversations(
        of user: UserID, isOperator: Bool, scope: RoomScope?, after cursor: String?, limit: Int
    ) -> EventLoopFuture<ConversationsPage> {
        let from = cursor.flatMap { Activity(cursor: $0) }
        if cursor != nil, from == nil {
            return self.link.eventLoop.makeSucceededFuture(ConversationsPage(conversations: [], next: nil))
        }
        let limit = max(1, limit)
        let direct = self.directRooms(of: user, from: from, limit: limit)
        let rooms = self.visitedRooms(of: user)
        let blocked = self.link.send(["SMEMBERS", RedisArgument(self.keys.blocked(by: user))])
            .reading("SMEMBERS") { $0.array?.compactMap(\.string) }
        return direct.and(rooms).and(blocked).assumeIsolated().flatMap { lists, blocked in
            var all = (lists.0 + lists.1).sorted { $0.isBefore($1) }
            if let from { all.removeAll { !from.isBefore($0) } }
            if let scope { all.removeAll { !$0.room.isDirect && !scope.contains($0.room) } }
            let page = all.prefix(limit)
            let shown = page.map { self.conversation($0, of: user, readsAll: isOperator, hiding: blocked) }
            let next = all.count > limit ? page.last?.cursor : nil
            return EventLoopFuture.whenAllSucceed(shown, on: self.link.eventLoop).map { conversations in
                let readable = zip(page, conversations).compactMap { activity, conversation in
                    conversation.map { (activity, $0) }
                }
                let whole = ConversationsPage(conversations: readable.map(\.1), next: next)
                return Self.cut(whole, activities: readable.map(\.0))
            }
        }.nonisolated()
    }

    /// A page has to fit into one frame.
    private static func cut(_ page: ConversationsPage, activities: [Activity]) -> ConversationsPage {
        var bytes = 0
        let fitting = page.conversations.prefix { conversation in
            bytes += 512 + (conversation.last?.readableBytes ?? 0)
            return bytes <= Limits.recoveryBytes
        }
        guard fitting.count < page.conversations.count else { return page }
        let last = activities.prefix(fitting.count).last
        return ConversationsPage(conversations: Array(fitting), next: last?.cursor)
    }

    // MARK: Which there are

    /// One more than the page has, so that it is known whether others follow, and some for equal times.
    private func directRooms(of user: UserID, from: Activity?, limit: Int) -> EventLoopFuture<[Activity]> {
        let highest = from.map { String($0.at) } ?? "+inf"
        return self.link.send([
            "ZREVRANGEBYSCORE", RedisArgument(self.keys.inbox(user)), RedisArgument(highest), "-inf",
            "WITHSCORES", "LIMIT", 0, RedisArgument(limit + 20),
        ]).reading("ZREVRANGEBYSCORE") { reply in
            guard let values = reply.array else { return nil }
            return stride(from: 0, to: values.count - 1, by: 2).compactMap { index in
                guard let room = values[index].string.flatMap({ RoomName($0) }), room.isDirect(of: user),
                    let at = values[index + 1].string.flatMap({ Double($0) }).flatMap({ Int64(exactly: $0) })
                else { return nil }
                return Activity(at: at, room: room, isJoined: true)
            }
        }
    }

    private func visitedRooms(of user: UserID) -> EventLoopFuture<[Activity]> {
        let visits = self.link.send(["HGETALL", RedisArgument(self.keys.rooms(of: user))])
            .reading("HGETALL") { reply -> [Activity]? in
                guard let values = reply.array else { return nil }
                return stride(from: 0, to: values.count - 1, by: 2).compactMap { index in
                    guard let room = values[index].string.flatMap({ RoomName($0) }), !room.isDirect else { return nil }
                    let words = (values[index + 1].string ?? "").split(separator: " ")
                    guard words.count == 2, let at = Int64(words[1]) else { return nil }
                    return Activity(at: at, room: room, isJoined: words[0] == "joined")
                }
            }
        return visits.assumeIsolated().flatMap { visits in
            EventLoopFuture.whenAllSucceed(visits.map { self.lastActivity($0) }, on: self.link.eventLoop)
        }.nonisolated()
    }

    /// A room in which nothing was said yet stands where the user came to it.
    private func lastActivity(_ visit: Activity) -> EventLoopFuture<Activity> {
        self.link.send(["HGET", RedisArgument(self.keys.meta(visit.room)), "at"]).reading("HGET") { reply in
            var activity = visit
            if let at = reply.string.flatMap({ Int64($0) }), at > 0 { activity.at = at }
            return activity
        }
    }

    // MARK: What is shown

    /// `nil` when the user may not read the room (any more).
    private func conversation(
        _ activity: Activity, of user: UserID, readsAll: Bool, hiding blocked: [String]
    ) -> EventLoopFuture<ConversationList.Conversation?> {
        let room = activity.room
        var arguments = [
            RedisArgument(user.string), RedisArgument(max(1, self.settings.countedEntries)), readsAll ? "1" : "0",
        ]
        arguments += blocked.map { RedisArgument($0) }
        let shown = self.link.run(
            RedisScripts.conversation,
            keys: [
                RedisArgument(self.keys.log(room)), RedisArgument(self.keys.meta(room)),
                RedisArgument(self.keys.reads(of: room)),
            ],
            arguments: arguments
        ).reading("conversation") { reply -> ConversationList.Conversation?? in
            if reply.isNull { return .some(nil) }
            guard let values = reply.array, values.count == 5, let read = values[1].int, read >= 0,
                let unread = values[2].int, let mentions = values[3].int, let more = values[4].int
            else { return nil }
            return ConversationList.Conversation(
                room: room, isJoined: activity.isJoined, last: values[0].bytes, readOffset: UInt64(read),
                unread: unread, mentions: mentions, isApproximate: more != 0
            )
        }
        guard let (first, second) = room.participants else { return shown }
        return shown.and(self.member(first == user ? second : first)).map { conversation, other in
            var conversation = conversation
            conversation?.user = other
            return conversation
        }
    }

    private func member(_ user: UserID) -> EventLoopFuture<Member> {
        let fields = self.link.send(["HMGET", RedisArgument(self.keys.profile(user)), "name", "status", "statusText"])
            .reading("HMGET") { $0.array.flatMap { $0.count == 3 ? $0.map(\.string) : nil } }
        let isHere = self.link.send(["ZSCORE", RedisArgument(self.keys.online), RedisArgument(user.string)])
            .reading("ZSCORE") { !$0.isNull }
        return fields.and(isHere).map { fields, isHere in
            Member(
                id: user, name: fields[0] ?? user.string, status: isHere ? fields[1] ?? "online" : "offline",
                statusText: fields[2]
            )
        }
    }
}

/// A conversation and when something last happened in it.
private struct Activity: Sendable {
    /// Milliseconds by Redis's clock.
    var at: Int64
    var room: RoomName
    var isJoined: Bool

    var cursor: String { "\(self.at):\(self.room)" }

    /// In an inbox: the later first.
    func isBefore(_ other: Activity) -> Bool {
        (other.at, self.room.string) < (self.at, other.room.string)
    }
}

extension Activity {
    init?(cursor: String) {
        let parts = cursor.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let at = Int64(parts[0]), let room = RoomName(String(parts[1])) else { return nil }
        self.init(at: at, room: room, isJoined: true)
    }
}
