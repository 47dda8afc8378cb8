public import ChatCore
public import ChatProtocol
internal import Logging
public import NIOCore
internal import RedisClient

extension RedisDirectory {
    /// Direct rooms are never listed.
    public func note(_ room: RoomName) {
        guard !room.isDirect else { return }
        let logger = self.logger
        self.link.send(["ZADD", RedisArgument(self.keys.rooms), "NX", 0, RedisArgument(room.string)])
            .whenFailure { error in logger.debug("A room could not be listed: \(error)") }
    }

    /// A page may have fewer rooms than there are names: one that is no longer public stays among them until that is put
    /// right. Its name is not told, as a cursor neither.
    public func rooms(after cursor: String?, limit: Int) -> EventLoopFuture<RoomsPage> {
        let limit = max(1, limit)
        let from = cursor.map { "(" + $0 } ?? "-"
        let names = self.link.send([
            "ZRANGEBYLEX", RedisArgument(self.keys.rooms), RedisArgument(from), "+", "LIMIT", 0,
            RedisArgument(limit + 1),
        ]).reading("ZRANGEBYLEX") { $0.array?.compactMap(\.string) }
        return names.assumeIsolated().flatMap { names in
            let next = names.count > limit ? names[limit - 1] : nil
            let rooms = names.prefix(limit).compactMap { RoomName($0) }.filter { !$0.isDirect }
            return EventLoopFuture.whenAllSucceed(rooms.map { self.summary(of: $0) }, on: self.link.eventLoop)
                .assumeIsolated().flatMap { summaries in
                    let shown = summaries.compactMap { $0 }
                    guard let next else {
                        return self.link.eventLoop.makeSucceededFuture(RoomsPage(rooms: shown, next: nil))
                    }
                    guard let last = shown.last else { return self.rooms(after: next, limit: limit) }
                    let page = RoomsPage(rooms: shown, next: last.room.string)
                    return self.link.eventLoop.makeSucceededFuture(page)
                }.nonisolated()
        }.nonisolated()
    }

    /// `nil` for a room that is not public.
    private func summary(of room: RoomName) -> EventLoopFuture<RoomSummary?> {
        self.link.run(
            RedisScripts.summary,
            keys: [
                RedisArgument(self.keys.meta(room)), RedisArgument(self.keys.nodes(of: room)),
                RedisArgument(self.keys.settings(of: room)),
            ],
            arguments: [RedisArgument(self.keys.sharePrefix(room)), RedisArgument(self.settings.countedMembers)]
        ).reading("summary") { reply -> RoomSummary?? in
            if reply.isNull { return .some(nil) }
            guard let values = reply.array, values.count == 5, let offset = values[1].int, let at = values[2].int,
                let members = values[3].int, let isApproximate = values[4].int
            else { return nil }
            return RoomSummary(
                room: room,
                topic: values[0].string,
                members: members,
                isApproximate: isApproximate != 0,
                lastAt: offset > 0 ? Int64(at) : nil
            )
        }
    }
}
