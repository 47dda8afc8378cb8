import ChatProtocol
import Logging
import NIOCore

/// Who may what in the rooms that are open here: read when a room is opened, again when somebody changed it, after the link
/// was down, and when its version shows that this node did not hear of a change: in quiet rooms, and before somebody is
/// refused.
extension RoomHub {
    /// Who owns a room if nobody was there before the one who opens it.
    func founder(of room: HubRoom) -> Founder? {
        guard !room.name.isDirect, room.name != self.settings.defaultRoom, let first = room.waiting.first else {
            return nil
        }
        return Founder(user: first.user, name: self.users[first.user]?.name.string ?? first.name)
    }

    /// Only public rooms are listed.
    func list(_ room: HubRoom) {
        if !room.name.isDirect, room.policy.settings.access == .public { self.directory.note(room.name) }
    }

    func objection(to request: EnterRequest, in room: HubRoom) -> FrameError? {
        guard room.policy.version > 0 else { return nil }
        return Permissions(
            of: request.user, isOperator: request.isOperator, under: room.policy, at: self.health.now()
        ).objection(to: .enter)
    }

    /// Why somebody may not be told who is in a room.
    func objection(to asker: Asker, under policy: RoomPolicy) -> FrameError? {
        guard policy.version > 0 else { return nil }
        return Permissions(of: asker.user, isOperator: asker.isOperator, under: policy, at: self.health.now())
            .objection(to: asker.isMember ? .read : .list)
    }

    /// Fails with a ``FrameError`` for somebody who may not know who is in a room. By memory when the room is open here and
    /// memory has nothing against it.
    func mayList(_ name: RoomName, _ asker: Asker) -> EventLoopFuture<Void> {
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        guard let room = self.rooms[name], room.isOpen else {
            return self.policies.policy(of: name).flatMapThrowing { reading in
                if let objection = hub.value.objection(to: asker, under: reading.policy) { throw objection }
            }
        }
        guard self.objection(to: asker, under: room.policy) != nil else {
            return self.eventLoop.makeSucceededVoidFuture()
        }
        let bound = NIOLoopBound(room, eventLoop: self.eventLoop)
        return self.freshenPolicy(of: room).flatMap {
            let (hub, room) = (hub.value, bound.value)
            guard hub.rooms[room.name] === room else { return hub.mayList(room.name, asker) }
            guard let objection = hub.objection(to: asker, under: room.policy) else {
                return hub.eventLoop.makeSucceededVoidFuture()
            }
            return hub.eventLoop.makeFailedFuture(objection)
        }
    }

    /// The change that lets somebody in may still be on its way to this node, and whoever was told of it comes at once. So
    /// nobody is refused by what was read before they came, as long as Redis answers.
    ///
    /// Completes, and never fails, when this node goes by the policy of now, or by what it knew. To ask for the version costs
    /// little: who is refused may come again and again.
    func freshenPolicy(of room: HubRoom) -> EventLoopFuture<Void> {
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let bound = NIOLoopBound(room, eventLoop: self.eventLoop)
        return self.log.head(of: room.name).flatMap { head in
            guard (head?.policyVersion ?? 0) != bound.value.policy.version else {
                return hub.value.eventLoop.makeSucceededVoidFuture()
            }
            let promise = hub.value.eventLoop.makePromise(of: Void.self)
            hub.value.learnPolicy(of: bound.value, promise: promise)
            return promise.futureResult
        }.recover { _ in }
    }

    // MARK: Reading

    /// Reads a room's policy if the room is open here, and keeps the promise when this node goes by it.
    func learnPolicy(of name: RoomName, promise: EventLoopPromise<Void>) {
        guard let room = self.rooms[name], room.isOpen else { return promise.succeed() }
        self.learnPolicy(of: room, promise: promise)
    }

    private func learnPolicy(of room: HubRoom, promise: EventLoopPromise<Void>) {
        room.awaitingPolicy.append(promise)
        self.readPolicy(of: room)
    }

    /// One reading at a time: whatever changes meanwhile is in the next one.
    func readPolicy(of room: HubRoom) {
        // That of a direct room is the default for good.
        guard !room.name.isDirect else { return room.succeedAwaitingPolicy() }
        guard !room.isReadingPolicy else {
            room.mustReadPolicy = true
            return
        }
        room.isReadingPolicy = true
        room.mustReadPolicy = false
        let waiting = room.awaitingPolicy
        room.awaitingPolicy = []
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let bound = NIOLoopBound(room, eventLoop: self.eventLoop)
        self.policies.policy(of: room.name).whenComplete { result in
            let (hub, room) = (hub.value, bound.value)
            room.isReadingPolicy = false
            if hub.rooms[room.name] === room { hub.policyRead(result, of: room) } else { room.succeedAwaitingPolicy() }
            for promise in waiting { promise.succeed() }
        }
    }

    private func policyRead(_ result: Result<PolicyReading, any Error>, of room: HubRoom) {
        switch result {
        case .success(let reading):
            self.health.clock(reading.at)
            self.take(reading.policy, in: room, at: reading.at)
            if room.mustReadPolicy || !room.awaitingPolicy.isEmpty { self.readPolicy(of: room) }
        case .failure(let error):
            // Until Redis answers, this node goes by what it knew.
            self.logger.debug("cannot read a policy", metadata: ["room": "\(room.name)", "error": "\(error)"])
            room.succeedAwaitingPolicy()
            self.readPolicyLater(of: room)
        }
        // Now: whoever waits for it goes on under what was read.
        self.outbox.flush()
    }

    private func readPolicyLater(of room: HubRoom) {
        guard !room.readsPolicyLater else { return }
        room.readsPolicyLater = true
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let bound = NIOLoopBound(room, eventLoop: self.eventLoop)
        self.eventLoop.scheduleTask(in: .seconds(1)) {
            bound.value.readsPolicyLater = false
            guard hub.value.rooms[bound.value.name] === bound.value else { return }
            hub.value.readPolicy(of: bound.value)
        }
    }

    /// The log of a quiet room was compared: whether this node missed a change shows, too.
    func compare(policyVersion: Int, of room: HubRoom) {
        if policyVersion != room.policy.version { self.readPolicy(of: room) }
    }

    // MARK: Going by it

    private func take(_ policy: RoomPolicy, in room: HubRoom, at now: Int64) {
        let former = room.policy
        guard policy != former else { return }
        room.policy = policy
        for each in room.attached { self.outbox.add(.policy(room.name, policy), to: each.loop) }
        if policy.settings != former.settings { self.tell(policy.settings, in: room) }
        for user in room.presence.ownUsers {
            guard let removal = policy.removal(of: user.id, since: former, at: now) else { continue }
            self.remove(user, from: room, reason: removal.reason)
        }
    }

    private func tell(_ settings: RoomSettings, in room: HubRoom) {
        let event = ServerFrame.room(RoomInfo(room: room.name, settings: settings)).encoded()
        for each in room.attached { self.outbox.add(.event(room.name, event), to: each.loop) }
        self.list(room)
    }

    /// The loops end the memberships, and tell of each; somebody who was only expected back is expected no more.
    private func remove(_ user: PresentUser, from room: HubRoom, reason: String?) {
        for each in room.attached { self.outbox.add(.removed(user.id, from: room.name, reason: reason), to: each.loop) }
        guard user.sessions == 0 else { return }
        room.leavesAt[user.id] = nil
        room.presence.remove(user.id)
        self.dirtyRooms.insert(room.name)
    }
}
