import ChatProtocol
import Logging
import NIOCore

/// Sessions entering and leaving rooms; opening a room: subscribe first, read after, so that nothing falls between.
extension RoomHub {
    func enter(_ request: EnterRequest) {
        guard let room = self.rooms[request.room] else {
            let room = self.makeRoom(request.room)
            // First: opening may fail at once, and tells those who wait.
            room.waiting.append(request)
            return self.open(room)
        }
        guard room.isOpen else { return room.waiting.append(request) }
        self.admit(request, to: room)
        self.flushSoon()
    }

    func exit(_ name: RoomName, user: UserID, wasLost: Bool) {
        guard let room = self.rooms[name], room.presence.exit(user) else { return }
        if wasLost {
            let deadline = NIODeadline.now() + self.settings.grace
            room.leavesAt[user] = deadline
            self.leaving.append((deadline, name, user))
        } else {
            room.leavesAt[user] = nil
            room.presence.remove(user)
        }
        self.dirtyRooms.insert(name)
    }

    func detach(_ name: RoomName, loop: Int) {
        guard let room = self.rooms[name] else { return }
        room.detach(loop)
        // A session that arrived while the loop gave up a direct room receives it all the same.
        if name.isDirect, self.loops(ofDirect: name).contains(loop) {
            self.attach(loop, to: room)
            self.flushSoon()
        }
        if room.attached.isEmpty { self.idle(room, since: .now()) }
    }

    func makeRoom(_ name: RoomName) -> HubRoom {
        let room = HubRoom(
            name: name, number: self.roomNumbers.take(), node: self.node, largeAbove: self.settings.largeRoom
        )
        self.rooms[name] = room
        for user in [name.participants?.0, name.participants?.1].compactMap({ $0 }) {
            self.directRooms[user, default: []].insert(name)
        }
        return room
    }

    private func admit(_ request: EnterRequest, to room: HubRoom) {
        if let objection = self.objection(to: request, in: room) {
            guard request.isReconsidered else { return self.reconsider(request, in: room) }
            return self.outbox.add(.notEntered(ticket: request.ticket, objection), to: request.loop)
        }
        if let since = request.since, !room.feed.covers(since) { return self.verify(room, for: request) }
        self.attach(request.loop, to: room)
        let before = room.presence.count
        if request.isNew, !room.name.isDirect {
            // The user's, not the session's: it may be older than the last change.
            room.leavesAt[request.user] = nil
            let user = self.users[request.user]
            let status = user?.profile.status ?? .online
            room.presence.enter(
                request.user, name: user?.name.string ?? request.name, status: status.kind.rawValue,
                statusText: status.text, at: self.health.now()
            )
            self.dirtyRooms.insert(room.name)
        }
        // Another session of somebody who is counted already adds nobody.
        let isNewcomer = room.presence.count == before + 1
        let snapshot = room.currentSnapshot(newcomer: isNewcomer ? request.user : nil)
        self.outbox.add(.entered(ticket: request.ticket, snapshot, recent: room.recent.snapshot), to: request.loop)
    }

    private func reconsider(_ request: EnterRequest, in room: HubRoom) {
        var request = request
        request.isReconsidered = true
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        // Through the door again: the room may have been closed meanwhile.
        self.freshenPolicy(of: room).whenComplete { [request] _ in hub.value.enter(request) }
    }

    /// A client was on a node that heard more, or this one missed a new epoch. Its position is answered from a feed that
    /// is no older than the position; many of them at once cost one reading.
    private func verify(_ room: HubRoom, for request: EnterRequest) {
        var request = request
        request.since = nil
        room.ahead.append(request)
        self.perform(room.feed.verify(), in: room)
    }

    /// The log was read: the feed is no older than what these sessions know, unless the room has to be opened anew.
    func admit(verified: [EnterRequest], to room: HubRoom) {
        guard room.isOpen else { return room.waiting.append(contentsOf: verified) }
        for request in verified { self.admit(request, to: room) }
    }

    func attach(_ loop: Int, to room: HubRoom) {
        guard let head = room.feed.head, room.attach(loop) else { return }
        self.addAttached(loop, to: room, at: head)
    }

    private func addAttached(_ loop: Int, to room: HubRoom, at head: Position) {
        self.outbox.add(.attached(room.name, number: room.number, head: head), to: loop)
        if room.policy.version > 0 { self.outbox.add(.policy(room.name, room.policy), to: loop) }
    }

    private func open(_ room: HubRoom) {
        room.isReading = true
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let bound = NIOLoopBound(room, eventLoop: self.eventLoop)
        let subscribed =
            room.name.isDirect
            ? self.eventLoop.makeSucceededVoidFuture() : self.subscriptions.subscribe(room)
        subscribed.flatMap { () -> EventLoopFuture<(LogPage, Shares)> in
            bound.value.notices = [:]
            let hub = hub.value
            let room = bound.value
            let page = hub.log.open(room.name, limit: Limits.defaultHistory, founder: hub.founder(of: room))
            guard !room.name.isDirect else { return page.map { ($0, .whole([:])) } }
            // Behind the page: who creates the room is in the policy.
            let policy = hub.policies.policy(of: room.name).map { bound.value.policy = $0.policy }
            return page.and(hub.presenceStore.shares(of: room.name, upTo: hub.settings.largeRoom))
                .and(policy).map { $0.0 }
        }.whenComplete { result in
            bound.value.isReading = false
            guard hub.value.rooms[bound.value.name] === bound.value else { return }
            switch result {
            case .success((let page, let shares)): hub.value.opened(bound.value, page: page, shares: shares)
            case .failure(let error): hub.value.openingFailed(bound.value, error)
            }
        }
    }

    private func opened(_ room: HubRoom, page: LogPage, shares: Shares) {
        self.take(shares, in: room, readAt: [:])
        // Those who were here before us are in the snapshot; nobody here has to be told of them.
        _ = room.presence.takeNews()
        room.recent = RecentEntries(page: page, bound: self.settings.recent)
        let step = room.feed.opened(at: page.head)
        self.list(room)
        // The members first: what follows in this step is then delivered to them.
        self.admitWaiting(to: room, at: page.head)
        self.perform(step, in: room)
        self.flushSoon()
    }

    /// The feed may be ahead of the page already, or about to read another one; the loops are attached at the page's
    /// head and given the rest.
    func admitWaiting(to room: HubRoom, at head: Position) {
        let waiting = room.waiting
        room.waiting = []
        for loop in Set(waiting.map(\.loop) + self.loops(ofDirect: room.name))
        where room.attach(loop) { self.addAttached(loop, to: room, at: head) }
        for request in waiting { self.admit(request, to: room) }
    }

    private func openingFailed(_ room: HubRoom, _ error: any Error) {
        self.logger.warning("cannot open a room", metadata: ["room": "\(room.name)", "error": "\(error)"])
        self.refuseWaiting(in: room, error)
        self.close(room)
    }

    func refuseWaiting(in room: HubRoom, _ error: any Error) {
        for request in room.waiting + room.verifying + room.ahead {
            self.outbox.add(.notEntered(ticket: request.ticket, FrameError(unavailable: error)), to: request.loop)
        }
        room.waiting = []
        room.verifying = []
        room.ahead = []
        self.flushSoon()
    }

    func close(_ room: HubRoom) {
        // Both users of a direct room may be gone before it opened: their requests must still be taken back.
        if room.isAwaited { self.refuseWaiting(in: room, StoreError.unavailable("the room is closed")) }
        self.rooms[room.name] = nil
        self.roomNumbers.giveBack(room.number)
        self.dirtyRooms.remove(room.name)
        if let (first, second) = room.name.participants {
            for user in [first, second] {
                self.directRooms[user]?.remove(room.name)
                if self.directRooms[user]?.isEmpty == true { self.directRooms[user] = nil }
            }
        } else {
            self.subscriptions.unsubscribe(.room(room.name))
        }
    }

    private func idle(_ room: HubRoom, since: NIODeadline) {
        room.idleSince = since
        self.idleRooms.append((since, room))
    }

    /// Rooms in which nobody of this node is any more, and nothing is left to be told.
    func closeIdleRooms(now: NIODeadline) {
        for _ in 0..<self.idleRooms.count {
            guard let (since, room) = self.idleRooms.first, since + self.settings.linger < now else { return }
            self.idleRooms.removeFirst()
            // Somebody came, and may have left since; or it is closed.
            guard room.idleSince == since, self.rooms[room.name] === room else { continue }
            guard room.attached.isEmpty, !room.isAwaited, !room.isReading, room.presence.ownCount == 0,
                !room.presence.isDirty
            else {
                self.idle(room, since: .now())
                continue
            }
            self.close(room)
        }
    }
}
