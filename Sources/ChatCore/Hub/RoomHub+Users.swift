import ChatProtocol
import Logging
import NIOCore

/// Users with sessions on this node: their channels, their direct rooms, their names.
extension RoomHub {
    func arrive(_ id: UserID, name: DisplayName, at: Int64, isOperator: Bool, loop: Int, ticket: Int) {
        self.health.clock(at)
        let isRenamed = self.users[id]?.name != name
        var user =
            self.users[id] ?? HubUser(name: name, sessions: self.outbox.loopIndices.map { _ in 0 }, since: at)
        user.sessions[loop] += 1
        user.name = name
        user.leavesAt = nil
        defer { if isRenamed { self.show(id) } }
        let limit = self.settings.sessionsPerUser
        if limit > 0, user.sessions.reduce(0, +) > limit {
            // Counted all the same: the session says that it departs.
            self.users[id] = user
            self.outbox.add(
                .notArrived(ticket: ticket, FrameError(.tooMany, "too many sessions of one user")), to: loop)
            self.flushSoon()
        } else if user.isSubscribed {
            self.users[id] = user
            self.welcome(id, isOperator: isOperator, loop: loop, ticket: ticket)
            self.flushSoon()
        } else {
            let isFirst = user.waiting.isEmpty
            user.waiting.append((loop, ticket, isOperator))
            self.users[id] = user
            if isFirst { self.subscribe(id) }
        }
    }

    private func subscribe(_ id: UserID) {
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        // The profile after the channel: a change in between is then heard of.
        self.subscriptions.subscribe(.user(id)).flatMap { hub.value.profiles.profile(of: id) }.whenComplete { result in
            let hub = hub.value
            guard let waiting = hub.users[id]?.waiting else { return }
            hub.users[id]?.waiting = []
            switch result {
            case .success(let profile):
                hub.users[id]?.isSubscribed = true
                hub.users[id]?.profile = profile
                if profile.status != .online { hub.show(id) }
                for (loop, ticket, isOperator) in waiting {
                    hub.welcome(id, isOperator: isOperator, loop: loop, ticket: ticket)
                }
            case .failure(let error):
                for (loop, ticket, _) in waiting {
                    hub.outbox.add(.notArrived(ticket: ticket, FrameError(unavailable: error)), to: loop)
                }
            }
            hub.flushSoon()
        }
    }

    private func welcome(_ id: UserID, isOperator: Bool, loop: Int, ticket: Int) {
        if !isOperator, let ban = self.users[id]?.profile.ban(at: self.health.now()) {
            return self.outbox.add(.notArrived(ticket: ticket, FrameError(bannedFor: ban.reason)), to: loop)
        }
        // First: a loop gives up a direct room in which it finds nobody.
        self.outbox.add(.arrived(ticket: ticket), to: loop)
        for name in self.directRooms[id] ?? [] {
            if let room = self.rooms[name] { self.attach(loop, to: room) }
        }
    }

    /// A name was reserved for a session that ended meanwhile: it is free again, unless another session uses it.
    func abandon(_ id: UserID, name: DisplayName) {
        guard self.users[id] == nil else { return }
        self.directory.leave(id, name: name)
    }

    func depart(_ id: UserID, loop: Int) {
        guard var user = self.users[id], user.sessions[loop] > 0 else { return }
        user.sessions[loop] -= 1
        if !user.hasSessions {
            let deadline = NIODeadline.now() + self.settings.grace
            user.leavesAt = deadline
            self.departing.append((deadline, id))
        }
        self.users[id] = user
    }

    /// Users whose last session ended a grace time ago.
    func takeOutDeparted(now: NIODeadline) {
        while let next = self.departing.first, next.at <= now {
            self.departing.removeFirst()
            guard let user = self.users[next.user], let leavesAt = user.leavesAt, leavesAt <= now else { continue }
            self.users[next.user] = nil
            self.subscriptions.unsubscribe(.user(next.user))
            self.directory.leave(next.user, name: user.name)
            for name in self.directRooms[next.user] ?? [] { self.closeDirect(name) }
        }
    }

    private func closeDirect(_ name: RoomName) {
        guard let room = self.rooms[name], let (first, second) = name.participants,
            self.users[first] == nil, self.users[second] == nil
        else { return }
        self.close(room)
    }

    // MARK: Names

    /// A session of this node renamed its user: tell the user's other sessions, here and on other nodes, and the rooms.
    func renamed(_ id: UserID, to name: DisplayName) {
        guard self.users[id] != nil else { return self.abandon(id, name: name) }
        self.applyName(name, of: id)
        var json = JSONWriter()
        json.beginObject()
        json.field("type", "renamed")
        json.field("name", name.string)
        json.endObject()
        self.presenceStore.publish(json.buffer, to: .user(id))
    }

    func applyName(_ name: DisplayName, of id: UserID) {
        guard let former = self.users[id]?.name else { return }
        if former.folded != name.folded { self.formerNames.add(former, of: id) }
        self.users[id]?.name = name
        self.tellAll(.renamed(id, name))
        self.showChange(of: id)
    }

    /// Names that are still a user's though no node goes by them any more.
    func freeFormerNames() {
        for use in self.formerNames.takeSettled() {
            guard let user = self.users[use.user], user.name.folded != use.name.folded else { continue }
            self.directory.free(use.name, of: use.user)
        }
    }
}
