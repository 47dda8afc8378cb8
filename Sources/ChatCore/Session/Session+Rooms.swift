import ChatProtocol
import NIOCore

/// Joining and leaving.
extension Session {
    /// Whether the session may send to a room and read it. A join that is under way counts: the answer comes first.
    func isMember(of room: RoomName) -> Bool {
        // By index: a membership is large to copy, and this is asked for each message.
        for index in self.memberships.indices where self.memberships[index].room.name == room {
            if self.memberships[index].isJoined { return true }
        }
        return room.isDirect && self.identity.map { room.isDirect(of: $0.user) } ?? false
    }

    /// Whether the session has been told that it is in the room.
    func isIn(_ room: LocalRoom) -> Bool {
        self.memberships.contains { membership in
            if case .entering = membership.stage { false } else { membership.isJoined && membership.room === room }
        }
    }

    func join(_ join: Join, re: String?) {
        guard let identity else { return }
        if join.room.isDirect, !join.room.isDirect(of: identity.user) {
            return self.refuseJoin(
                FrameError(.forbidden, "only the two users of a direct room may see it"), join, re: re)
        }
        if let objection = self.objection(ofScopeTo: join.room) { return self.refuseJoin(objection, join, re: re) }
        let known = self.memberships.firstIndex { $0.room.name == join.room }
        if known == nil, self.memberships.count(where: \.isJoined) >= self.loop.settings.limits.rooms {
            let error = FrameError(.tooMany, "a session may be in \(self.loop.settings.limits.rooms) rooms at most")
            return self.refuseJoin(error, join, re: re)
        }
        let isNew: Bool
        if let known {
            isNew = !self.memberships[known].isPresent
            self.memberships[known].isJoined = true
            self.memberships[known].isPresent = true
            self.memberships[known].isUnderWay = true
        } else {
            isNew = true
            let room = self.loop.room(join.room)
            self.memberships.append(
                Membership(room: room, stage: .entering, isJoined: true, isPresent: true, isUnderWay: true)
            )
        }
        self.loop.room(join.room).entering += 1
        let ticket = EnterTicket(join: join, re: re, user: identity.user, isNew: isNew)
        let session = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
        // Before the hub is asked: its answer has to be told at once.
        self.readOffset(of: join.room, user: identity.user).whenSuccess { readOffset in
            var ticket = ticket
            ticket.readOffset = readOffset
            session.value.enter(ticket, identity)
        }
    }

    /// Asks the hub, even if the session has ended meanwhile: the answer takes back what waits for it.
    private func enter(_ ticket: EnterTicket, _ identity: Identity) {
        self.loop.hub?.enter(
            EnterRequest(
                room: ticket.join.room,
                loop: self.loop.index,
                ticket: self.loop.ticket(entering: self, ticket),
                user: ticket.user,
                name: identity.name.string,
                isOperator: identity.isOperator,
                isNew: ticket.isNew,
                since: ticket.join.since
            )
        )
    }

    private func refuseJoin(_ error: FrameError, _ join: Join, re: String?) {
        self.refuse(error, re: re, room: join.room)
        self.answeredResume()
    }

    /// The hub answered: the loop's copy of the room is exact, and the entries end where it does.
    func entered(_ request: EnterTicket, snapshot: RoomSnapshot, recent: RecentEntries.Snapshot) {
        guard let room = self.loop.rooms[request.join.room] else { return }
        room.entering -= 1
        defer { self.loop.closeIfEmpty(room) }
        guard let index = self.memberships.firstIndex(where: { $0.room === room }) else {
            // The connection ended meanwhile: the hub counted a session that is no more.
            if request.isNew { self.loop.hub?.exit(room.name, user: request.user, wasLost: true) }
            return self.refuseAfterRemoval(request.re, room.name)
        }
        self.visited(room.name, user: request.user)
        let answer = JoinAnswer(
            join: request.join, re: request.re, snapshot: snapshot, readOffset: request.readOffset
        )
        let isFresh = request.join.since == nil
        guard let entries = self.entriesInMemory(for: request.join, at: room.head, recent) else {
            return self.catchUp(answer, latest: recent.latestOrAll(Limits.defaultHistory), membership: index)
        }
        if case .entering = self.memberships[index].stage {
            self.memberships[index].stage = .live(place: room.add(self))
        }
        self.tellJoined(answer, head: room.head, entries: entries.entries, recovered: !isFresh && entries.isWhole)
        self.answered(room)
    }

    /// - Returns: `nil` when memory does not reach back far enough: then the store is asked.
    private func entriesInMemory(
        for join: Join, at head: Position, _ recent: RecentEntries.Snapshot
    ) -> (entries: [LogEntry], isWhole: Bool)? {
        guard let since = join.since else { return recent.latest(join.history).map { ($0, false) } }
        guard since.epoch == head.epoch, since.offset <= head.offset else {
            return (recent.latestOrAll(Limits.defaultHistory), false)
        }
        if since == head { return ([], true) }
        return recent.entries(after: since).map { ($0, true) }
    }

    private func tellJoined(_ answer: JoinAnswer, head: Position, entries: [LogEntry], recovered: Bool) {
        let isTooMuch =
            recovered
            && (entries.count > Limits.recoveryEntries || EntryPage(entries, keeping: .newest).wasCut)
        let joined = Joined(
            re: answer.re,
            room: answer.join.room,
            head: head,
            members: answer.snapshot.members,
            memberCount: answer.snapshot.count,
            isApproximate: answer.snapshot.isApproximate,
            entries: self.loop.linked(
                isTooMuch ? entries.suffix(Limits.defaultHistory) : entries, in: answer.join.room),
            recovered: recovered && !isTooMuch,
            settings: self.loop.rooms[answer.join.room]?.policy.settings ?? RoomSettings(),
            role: self.loop.rooms[answer.join.room].flatMap { self.role(under: $0.policy) },
            readOffset: answer.readOffset.map { min($0, head.offset) }
        )
        self.tell(.joined(joined))
    }

    /// `nil`: a member, like most.
    func role(under policy: RoomPolicy) -> RoomRole? {
        guard let role = self.identity.map({ policy.role(of: $0.user) }), role != .member else { return nil }
        return role
    }

    /// A join has its answer: what came in about the room meanwhile is taken up.
    private func answered(_ room: LocalRoom) {
        if let index = self.memberships.firstIndex(where: { $0.room === room }) {
            let waiting = self.memberships[index].waiting
            self.memberships[index].waiting = []
            self.memberships[index].isUnderWay = false
            // A younger token that lets the session into less may have come meanwhile.
            if self.isRefreshed { self.leaveForbiddenRooms() }
            for frame in waiting { self.run(frame) }
        }
        self.answeredResume()
    }

    /// Keeps a frame about a room whose join is under way.
    ///
    /// - Returns: whether the frame waits, or was refused because too many do.
    func waits(_ frame: ClientFrame) -> Bool {
        guard self.memberships.contains(where: \.isUnderWay), let name = frame.fields.rawRoom,
            let index = self.memberships.firstIndex(where: { $0.isUnderWay && $0.room.name.string == name })
        else { return false }
        guard self.memberships[index].waiting.hasRoom(for: frame) else {
            let error = FrameError(.tooMany, "too many frames before the answer to 'join'")
            self.refuse(error, re: frame.id, room: self.memberships[index].room.name)
            return true
        }
        self.memberships[index].waiting.append(frame)
        return true
    }

    func notEntered(_ request: EnterTicket, _ error: FrameError) {
        guard let room = self.loop.rooms[request.join.room] else { return }
        room.entering -= 1
        defer { self.loop.closeIfEmpty(room) }
        if case .ended = self.phase { return }
        self.refuse(error, re: request.re, room: room.name)
        guard let index = self.memberships.firstIndex(where: { $0.room === room }),
            case .entering = self.memberships[index].stage
        else {
            // A session that was in the room before stays there; but the hub has not counted it.
            if request.isNew { self.notPresent(in: room) }
            return self.answered(room)
        }
        let waiting = self.memberships.remove(at: index).waiting
        for frame in waiting { self.run(frame) }
        self.answeredResume()
    }

    private func notPresent(in room: LocalRoom) {
        guard let index = self.memberships.firstIndex(where: { $0.room === room }) else { return }
        self.memberships[index].isPresent = false
        self.memberships[index].isJoined = false
    }

    // MARK: Older entries than memory has

    private func catchUp(_ answer: JoinAnswer, latest: [LogEntry], membership index: Int) {
        let room = self.memberships[index].room
        var wasLive = false
        if case .live(let place) = self.memberships[index].stage {
            wasLive = true
            room.remove(self, place: place)
        }
        self.memberships[index].stage = .catchingUp(wasLive: wasLive)
        room.beginCatchingUp(self)
        let head = room.head
        let session = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
        let bound = NIOLoopBound(room, eventLoop: self.loop.eventLoop)
        self.readOlder(answer.join, head: head, latest: latest).whenComplete { result in
            session.value.caughtUp(answer, room: bound.value, head: head, result)
        }
    }

    private func readOlder(
        _ join: Join, head: Position, latest: [LogEntry]
    ) -> EventLoopFuture<(entries: [LogEntry], recovered: Bool)> {
        guard let since = join.since else {
            return self.loop.log.page(join.room, .before(head.offset + 1), limit: join.history)
                .map { ($0.entries, false) }
        }
        return self.loop.log.entries(
            after: since, in: join.room, limit: Limits.recoveryEntries, byteLimit: Limits.recoveryBytes
        ).map { recovery in
            switch recovery {
            // The log may be ahead of what this session has been given: the rest comes live.
            case .recovered(_, let entries): (entries.filter { $0.offset <= head.offset }, true)
            case .lost: (latest, false)
            }
        }
    }

    private func caughtUp(
        _ answer: JoinAnswer,
        room: LocalRoom,
        head: Position,
        _ result: Result<(entries: [LogEntry], recovered: Bool), any Error>
    ) {
        let missed = room.endCatchingUp(self)
        guard let index = self.memberships.firstIndex(where: { $0.room === room }) else {
            self.refuseAfterRemoval(answer.re, room.name)
            return self.loop.closeIfEmpty(room)
        }
        switch result {
        case .success((let entries, let recovered)):
            // First: telling may end the session, and then its place in the list must be known.
            self.memberships[index].stage = .live(place: room.add(self))
            self.tellJoined(answer, head: head, entries: entries, recovered: recovered)
            self.tellMissed(missed)
            self.answered(room)
        case .failure(let error):
            if case .catchingUp(wasLive: true) = self.memberships[index].stage {
                self.memberships[index].stage = .live(place: room.add(self))
                self.tellMissed(missed)
                self.refuse(FrameError(unavailable: error), re: answer.re, room: room.name)
                return self.answered(room)
            }
            let membership = self.memberships.remove(at: index)
            self.drop(membership, wasLost: false, identity: self.identity)
            self.refuse(FrameError(unavailable: error), re: answer.re, room: room.name)
            for frame in membership.waiting { self.run(frame) }
            self.answeredResume()
        }
    }

    private func tellMissed(_ missed: ByteBuffer?) {
        guard let missed, missed.readableBytes > 0 else { return }
        self.output.write(missed, ephemeral: false)
        self.loop.flushSoon()
    }

    // MARK: Leaving

    /// - Returns: false when the session is not in the room.
    func leave(_ name: RoomName) -> Bool {
        guard let index = self.memberships.firstIndex(where: { $0.isJoined && $0.room.name == name }) else {
            return false
        }
        if name.isDirect {
            self.memberships[index].isJoined = false
        } else {
            self.drop(self.memberships.remove(at: index), wasLost: false, identity: self.identity)
        }
        return true
    }

    /// Takes the session out of a room's lists.
    func drop(_ membership: Membership, wasLost: Bool, identity: Identity?) {
        switch membership.stage {
        case .entering:
            // The hub's answer is still to come, and with it the moment to take the session out there.
            return self.loop.closeIfEmpty(membership.room)
        case .catchingUp: _ = membership.room.endCatchingUp(self)
        case .live(let place): membership.room.remove(self, place: place)
        }
        if membership.isPresent, !membership.room.name.isDirect, let identity {
            self.loop.hub?.exit(membership.room.name, user: identity.user, wasLost: wasLost)
        }
        self.loop.closeIfEmpty(membership.room)
    }

    /// The room's list changed: this session has another place in it.
    func moved(in room: LocalRoom, to place: Int) {
        guard let index = self.memberships.firstIndex(where: { $0.room === room }) else { return }
        self.memberships[index].stage = .live(place: place)
    }

    /// A direct room of the user's, which it receives without joining.
    func receive(from room: LocalRoom) {
        guard !self.isEnded, !self.memberships.contains(where: { $0.room === room }) else { return }
        self.memberships.append(Membership(room: room, stage: .live(place: room.add(self)), isJoined: false))
    }
}

/// A join that waits for the hub.
struct EnterTicket {
    var join: Join
    var re: String?
    var user: UserID
    var isNew: Bool
    var readOffset: UInt64?
}

/// What is needed to answer a join once its entries are at hand.
private struct JoinAnswer: Sendable {
    var join: Join
    var re: String?
    var snapshot: RoomSnapshot
    var readOffset: UInt64?
}
