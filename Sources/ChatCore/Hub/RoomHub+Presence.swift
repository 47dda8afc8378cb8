import ChatProtocol
import NIOCore

/// Who is here: told to this node's sessions, to the other nodes and to the operators.
extension RoomHub {
    /// Between two `presence` events of a room with so many members: who comes and goes in one of a hundred costs no more
    /// deliveries a second than in one of twenty-five. Beyond, one event a second.
    static func presenceInterval(members: Int) -> TimeAmount {
        .milliseconds(Int64(min(max(250, members * 10), 1_000)))
    }
    /// For other nodes to hear that they are to write who is in a room, and to do it.
    private static let settling = TimeAmount.milliseconds(500)
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

    /// - Returns: what is kept when it is written; `nil` when there is nothing to write.
    @discardableResult
    private func writeShare(of room: HubRoom) -> EventLoopFuture<Void>? {
        let changes = room.presence.takeUnwritten()
        guard !changes.here.isEmpty || !changes.gone.isEmpty else { return nil }
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let name = room.name
        let written = self.presenceStore.write(changes, room: name)
        written.whenFailure { _ in
            // Absolute values: writing all of the share again covers whatever was lost.
            hub.value.rooms[name]?.presence.rewriteAll()
            hub.value.health.mustRewrite = true
        }
        return written
    }

    /// Keeps the promise when Redis has who is in a room now, without those whom the latest change of its policy puts out.
    ///
    /// All nodes that have the room are asked to write it, and given ``settling`` for that; who is slower is not waited for.
    /// This one writes last. Fails when it cannot.
    func settlePresence(of name: RoomName, promise: EventLoopPromise<Void>) {
        let isHeardHere = self.health.subscriberIsUp && self.rooms[name]?.isOpen == true
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let asked = self.presenceStore.publish(Event.settle, to: .room(name))
        asked.assumeIsolated().flatMap { receivers -> EventLoopFuture<Void> in
            let delay = receivers > (isHeardHere ? 1 : 0) ? Self.settling : .zero
            return hub.value.eventLoop.scheduleTask(in: delay) {}.futureResult
        }.flatMap {
            let policyIsKnown = hub.value.eventLoop.makePromise(of: Void.self)
            hub.value.learnPolicy(of: name, promise: policyIsKnown)
            return policyIsKnown.futureResult
        }.flatMap {
            hub.value.rooms[name].flatMap { hub.value.writeShare(of: $0) }
                ?? hub.value.eventLoop.makeSucceededVoidFuture()
        }.nonisolated().cascade(to: promise)
    }

    /// Some node has to know who is in a room now: written when those have left whom the policy puts out, and once more
    /// shortly before it looks.
    func writeShareForSettling(of room: HubRoom) {
        let policyIsKnown = self.eventLoop.makePromise(of: Void.self)
        self.learnPolicy(of: room.name, promise: policyIsKnown)
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let bound = NIOLoopBound(room, eventLoop: self.eventLoop)
        policyIsKnown.futureResult.whenComplete { _ in
            for delay in [TimeAmount.milliseconds(100), .milliseconds(400)] {
                hub.value.eventLoop.scheduleTask(in: delay) {
                    let (hub, room) = (hub.value, bound.value)
                    if hub.rooms[room.name] === room { hub.writeShare(of: room) }
                }
            }
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
