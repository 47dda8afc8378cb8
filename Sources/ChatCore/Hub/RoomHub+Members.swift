import ChatProtocol
import NIOCore

/// Pages of who is in a room, for `who`.
extension RoomHub {
    /// From memory when the room is open here, else from the store. Of a large room share by share. Fails with a
    /// ``FrameError`` for somebody who may not know.
    ///
    /// - Parameter cursor: the last user of the page before, or the store's cursor.
    func members(
        of name: RoomName, for asker: Asker, after cursor: String?, limit: Int, promise: EventLoopPromise<OnlinePage>
    ) {
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.mayList(name, asker).whenComplete { result in
            switch result {
            case .success: hub.value.members(of: name, after: cursor, limit: limit, promise: promise)
            case .failure(let error): promise.fail(error)
            }
        }
    }

    private func members(of name: RoomName, after cursor: String?, limit: Int, promise: EventLoopPromise<OnlinePage>) {
        let isOpen = self.rooms[name]?.isOpen == true
        let after = cursor.flatMap { UserID($0) }
        if let room = self.rooms[name], isOpen, !room.presence.isLarge, cursor == nil || after != nil {
            return promise.succeed(Self.page(of: &room.presence, after: after, limit: limit))
        }
        guard cursor == nil || after != nil, self.rooms[name]?.presence.isLarge != true else {
            return self.presenceStore.members(of: name, after: cursor, limit: limit).cascade(to: promise)
        }
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let node = self.node
        self.presenceStore.shares(of: name, upTo: self.settings.largeRoom).flatMap { shares in
            let hub = hub.value
            guard case .whole(let shares) = shares else {
                return hub.presenceStore.members(of: name, after: cursor, limit: limit)
            }
            var presence = RoomPresence(node: node)
            for (node, users) in shares { presence.replace(node, with: users) }
            // This node has nobody there, or the room would be open; what stands under its id is a former life's.
            return hub.eventLoop.makeSucceededFuture(Self.page(of: &presence, after: after, limit: limit))
        }.cascade(to: promise)
    }

    private static func page(of presence: inout RoomPresence, after: UserID?, limit: Int) -> OnlinePage {
        let members = presence.members(after: after, limit: limit + 1)
        let users = members.prefix(limit).map {
            PresentUser(
                id: $0.id, name: $0.name, status: $0.status, statusText: $0.statusText, since: 0, sessions: 1
            )
        }
        return OnlinePage(
            users: users, count: presence.count, next: members.count > limit ? users.last?.id.string : nil
        )
    }
}

/// Who wants to know who is in a room.
struct Asker: Sendable {
    var user: UserID
    var isOperator: Bool
    var isMember: Bool
}
