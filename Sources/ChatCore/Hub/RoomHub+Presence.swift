import ChatProtocol
import NIOCore

/// Who is here: told to this node's sessions, to the other nodes and to the operators.
extension RoomHub {
    /// Between two `presence` events of a room with so many members: who comes and goes in one of a hundred costs no more
    /// deliveries a second than in one of twenty-five. Beyond, one event a second.
    static func presenceInterval(members: Int) -> TimeAmount {
        .milliseconds(Int64(min(max(250, members * 10), 1_000)))
    }
    /// Between two in a large room.
    private static let countInterval = TimeAmount.seconds(2)
    /// Members that one `presence` event names; beyond them the count tells.
    private static let presenceMembers = 500

    func takeOutLeaving(now: NIODeadline) {
        while let next = self.leaving.first, next.at <= now {
            self.leaving.removeFirst()
            // Lost again since it came back: the grace time began anew.
            guard let room = self.rooms[next.room], let leavesAt = room.leavesAt[next.user], leavesAt <= next.at else {
                continue
            }
            room.leavesAt[next.user] = nil
            room.presence.remove(next.user)
            self.dirtyRooms.insert(next.room)
        }
        self.takeOutDeparted(now: now)
    }

    func tellPresence(now: NIODeadline) {
        guard !self.dirtyRooms.isEmpty else { return }
        for name in self.dirtyRooms {
            guard let room = self.rooms[name] else {
                self.dirtyRooms.remove(name)
                continue
            }
            guard room.isOpen, room.nextPresence <= now else { continue }
            self.dirtyRooms.remove(name)
            room.nextPresence = now + Self.presenceInterval(members: room.presence.count)
            self.tellPresence(of: room, now: now)
        }
        self.outbox.flush()
    }

    private func tellPresence(of room: HubRoom, now: NIODeadline) {
        if room.presence.isLarge { self.tellCount(of: room, now: now) }
        let news = room.presence.takeNews()
        if !news.joined.isEmpty || !news.left.isEmpty || !news.changed.isEmpty { room.snapshot = nil }
        if !news.joined.isEmpty || !news.left.isEmpty {
            let event = Event.presence(
                room: room.name,
                joined: Array(news.joined.prefix(Self.presenceMembers)),
                left: Array(news.left.prefix(Self.presenceMembers)),
                count: room.presence.count
            )
            for each in room.attached { self.outbox.add(.event(room.name, event), to: each.loop) }
        }
        for member in news.changed.prefix(Self.presenceMembers) {
            for each in room.attached { self.outbox.add(.event(room.name, Event.user(member)), to: each.loop) }
        }
        self.writeShare(of: room)
    }

    /// In a large room the members are told their number, and less often: it goes to very many.
    private func tellCount(of room: HubRoom, now: NIODeadline) {
        if room.presence.mayShrink { self.shrink(room) }
        guard room.presence.isCountNew else { return }
        guard room.nextCount <= now else {
            self.dirtyRooms.insert(room.name)
            return
        }
        room.nextCount = now + Self.countInterval
        let event = Event.presence(
            room: room.name, joined: [], left: [], count: room.presence.takeCount(), isApproximate: true
        )
        for each in room.attached { self.outbox.add(.event(room.name, event), to: each.loop) }
    }

    private func writeShare(of room: HubRoom) {
        let changes = room.presence.takeUnwritten()
        guard !changes.here.isEmpty || !changes.gone.isEmpty else { return }
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let name = room.name
        self.presenceStore.write(changes, room: name).whenFailure { _ in
            // Absolute values: writing all of the share again covers whatever was lost.
            hub.value.rooms[name]?.presence.rewriteAll()
            hub.value.health.mustRewrite = true
        }
    }

    /// Another node told of changes of its share.
    func received(_ notice: ShareNotice, in room: HubRoom) {
        guard notice.node != self.node else { return }
        room.notices[notice.node, default: 0] += 1
        // Who speaks is alive, even if the next heartbeat comes before it is listed, or after the list was lost.
        self.living.insert(notice.node)
        let isComplete = room.presence.apply(notice)
        self.dirtyRooms.insert(room.name)
        if !isComplete { self.readShare(of: room, node: notice.node) }
    }
}
