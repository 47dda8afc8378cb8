public import ChatCore
internal import ChatProtocol
public import NIOCore
internal import RedisClient

extension RedisDirectory {
    /// In the order of the users' ids, in two round trips; the cursor is the last user's id. A text that is no user's id
    /// gives an empty last page.
    ///
    /// Of each user only the id, the name and the status are told; `since` and `sessions` are 0.
    public func online(after cursor: String?, limit: Int) -> EventLoopFuture<OnlinePage> {
        var from = "-"
        if let cursor {
            guard let user = UserID(cursor) else {
                return self.link.eventLoop.makeSucceededFuture(OnlinePage(users: [], count: 0, next: nil))
            }
            from = "(" + user.string
        }
        let limit = max(1, limit)
        let members = self.link.send([
            "ZRANGEBYLEX", RedisArgument(self.keys.online), RedisArgument(from), "+", "LIMIT", 0,
            RedisArgument(limit + 1),
        ]).reading("ZRANGEBYLEX") { $0.array?.compactMap(\.string) }
        let count = self.link.send(["ZCARD", RedisArgument(self.keys.online)]).reading("ZCARD", \.int)
        return members.and(count).assumeIsolated().flatMap { members, count in
            let ids = members.prefix(limit).compactMap { UserID($0) }
            let next = members.count > limit ? ids.last?.string : nil
            return EventLoopFuture.whenAllSucceed(ids.map { self.shown($0) }, on: self.link.eventLoop)
                .map { OnlinePage(users: $0, count: count, next: next) }
        }.nonisolated()
    }

    /// What the profile says of a user; one whose profile is lost is shown under the id until it is written again.
    private func shown(_ user: UserID) -> EventLoopFuture<PresentUser> {
        let fields = self.link.send(["HMGET", RedisArgument(self.keys.profile(user)), "name", "status", "statusText"])
        return fields.reading("HMGET") { reply in
            guard let values = reply.array, values.count == 3 else { return nil }
            return PresentUser(
                id: user,
                name: values[0].string ?? user.string,
                status: values[1].string ?? "online",
                statusText: values[2].string,
                since: 0,
                sessions: 0
            )
        }
    }
}
