import ChatProtocol
import NIOCore

/// The other nodes' shares of a room, read when what they tell of them was missed.
extension RoomHub {
    /// After the link was down: what the other nodes said meanwhile is missing.
    func readShares(of room: HubRoom) {
        let notices = room.notices
        let shares = self.presenceStore.shares(of: room.name, upTo: self.settings.largeRoom)
        let again: @Sendable (RoomHub, HubRoom) -> Void = { hub, room in hub.readShares(of: room) }
        self.whenRead(shares, of: room, orElse: again) { hub, room, shares in
            room.isShrinking = false
            hub.take(shares, in: room, readAt: notices)
        }
    }

    /// A room that was large has few members now: who they are has to be read.
    func shrink(_ room: HubRoom) {
        guard !room.isShrinking else { return }
        room.isShrinking = true
        self.readShares(of: room)
    }

    /// A notice of a node's was missed. One reading at a time.
    func readShare(of room: HubRoom, node: NodeID) {
        guard room.readingShares.insert(node).inserted else { return }
        let notices = room.notices[node]
        let again: @Sendable (RoomHub, HubRoom) -> Void = { hub, room in
            room.readingShares.remove(node)
            hub.readShare(of: room, node: node)
        }
        let share = self.presenceStore.share(of: room.name, node: node)
        self.whenRead(share, of: room, orElse: again) { hub, room, users in
            guard room.notices[node] == notices else { return again(hub, room) }
            room.readingShares.remove(node)
            room.presence.replace(node, with: users)
            hub.dirtyRooms.insert(room.name)
        }
    }

    /// Takes what was read, but for nodes that have told of changes since: those are in what came, and may not be in
    /// what was read.
    func take(_ shares: Shares, in room: HubRoom, readAt notices: [NodeID: Int]) {
        defer { self.dirtyRooms.insert(room.name) }
        let whole: [NodeID: [PresentUser]]
        switch shares {
        case .sizes(let sizes): return room.presence.becomeLarge(sizes)
        case .whole(let shares): whole = shares
        }
        room.presence.becomeSmall()
        for node in room.presence.otherNodes.union(whole.keys) {
            if room.notices[node] == notices[node] {
                room.presence.replace(node, with: whole[node] ?? [])
            } else {
                self.readShare(of: room, node: node)
            }
        }
    }

    private func whenRead<Value: Sendable>(
        _ future: EventLoopFuture<Value>,
        of room: HubRoom,
        orElse again: @escaping @Sendable (RoomHub, HubRoom) -> Void,
        _ body: @escaping @Sendable (RoomHub, HubRoom, Value) -> Void
    ) {
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let bound = NIOLoopBound(room, eventLoop: self.eventLoop)
        future.whenComplete { result in
            guard hub.value.rooms[bound.value.name] === bound.value else { return }
            if case .success(let value) = result { return body(hub.value, bound.value, value) }
            // Redis is away or slow: until it answers, the view may be wrong.
            hub.value.eventLoop.scheduleTask(in: .seconds(1)) {
                guard hub.value.rooms[bound.value.name] === bound.value else { return }
                again(hub.value, bound.value)
            }
        }
    }
}
