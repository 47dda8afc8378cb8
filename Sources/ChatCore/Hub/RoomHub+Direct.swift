import ChatProtocol
import Logging
import NIOCore

/// Direct rooms: they have no channel of their own; what is said there reaches all sessions of both users.
extension RoomHub {
    /// The loops that have welcomed sessions of a direct room's users: all of them receive its entries.
    func loops(ofDirect name: RoomName) -> [Int] {
        let users = [name.participants?.0, name.participants?.1].compactMap { $0.flatMap { self.users[$0] } }
        return self.outbox.loopIndices.filter { loop in users.contains { $0.isSubscribed && $0.sessions[loop] > 0 } }
    }

    /// Something addressed to all sessions of a user: an entry of a direct room, or an event.
    func received(_ payload: ByteBuffer, for id: UserID) {
        guard let user = self.users[id], let json = try? JSONValue.parse(payload) else { return }
        if let header = EntryHeader(payload) {
            guard let name = json["room"]?.string.flatMap({ RoomName($0) }), name.isDirect(of: id) else { return }
            self.received(LogEntry(header, json: payload), epoch: header.position.epoch, direct: name)
        } else if json["type"]?.string == "renamed" {
            guard let name = json["name"]?.string.flatMap({ DisplayName($0) }), user.name != name else { return }
            self.applyName(name, of: id)
        } else if json["type"]?.string == "loggedOut" {
            guard let generation = json["generation"]?.integer else { return }
            self.tellAll(.loggedOut(id, generation: Int(generation)))
        } else {
            self.receivedEvent(payload, json, for: id)
        }
    }

    private func received(_ entry: LogEntry, epoch: String, direct name: RoomName) {
        if let room = self.rooms[name] {
            self.received(entry, epoch: epoch, in: room)
        } else {
            self.openDirect(name)
            if let room = self.rooms[name] { self.received(entry, epoch: epoch, in: room) }
        }
    }

    /// Something happened in a direct room that is not open here: what its users lack since they came is read.
    func openDirect(_ name: RoomName) {
        let room = self.makeRoom(name)
        self.readDirect(room)
    }

    private func readDirect(_ room: HubRoom) {
        room.isReading = true
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let bound = NIOLoopBound(room, eventLoop: self.eventLoop)
        self.log.open(room.name, limit: Limits.recoveryEntries).whenComplete { result in
            let (hub, room) = (hub.value, bound.value)
            room.isReading = false
            guard hub.rooms[room.name] === room else { return }
            switch result {
            case .success(let page): hub.openedDirect(room, page: page)
            case .failure(let error): hub.openingDirectFailed(room, error)
            }
        }
    }

    /// Something was said there, so it is tried again for as long as one of the two is here.
    private func openingDirectFailed(_ room: HubRoom, _ error: any Error) {
        self.logger.warning("cannot open a direct room", metadata: ["error": "\(error)"])
        self.refuseWaiting(in: room, error)
        room.failedReadings += 1
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let bound = NIOLoopBound(room, eventLoop: self.eventLoop)
        self.eventLoop.scheduleTask(in: room.retryDelay) {
            guard hub.value.rooms[bound.value.name] === bound.value else { return }
            hub.value.readDirect(bound.value)
        }
    }

    private func openedDirect(_ room: HubRoom, page: LogPage) {
        room.failedReadings = 0
        let participants = [room.name.participants?.0, room.name.participants?.1].compactMap { $0 }
        let since = participants.compactMap { self.users[$0]?.since }.min() ?? .max
        if page.more, let oldest = page.entries.first, oldest.at >= since {
            self.openedTooLate(room, page: page)
        } else {
            self.opened(room, page: page, since: since)
        }
        self.flushSoon()
    }

    /// More was said since its users came than a page holds: they are told to start here.
    private func openedTooLate(_ room: HubRoom, page: LogPage) {
        room.recent = RecentEntries(page: page, bound: self.settings.recent)
        let step = room.feed.opened(at: page.head)
        for loop in self.loops(ofDirect: room.name) {
            _ = room.attach(loop)
            self.outbox.add(.attached(room.name, number: room.number, head: page.head), to: loop)
        }
        self.tellReset(room, head: page.head, reason: "more was said than can be caught up with")
        self.goOn(with: step, in: room)
    }

    private func opened(_ room: HubRoom, page: LogPage, since: Int64) {
        let news = page.entries.filter { $0.at >= since }
        let before = page.entries.last { $0.at < since }
        let start = Position(
            epoch: page.head.epoch, offset: (news.first?.offset ?? page.head.offset + 1) - 1, at: before?.at ?? 0
        )
        let older = LogPage(head: start, entries: page.entries.filter { $0.at < since }, more: page.more)
        room.recent = RecentEntries(page: older, bound: self.settings.recent)
        let step = room.feed.opened(at: page.head)
        for loop in self.loops(ofDirect: room.name) {
            _ = room.attach(loop)
            self.outbox.add(.attached(room.name, number: room.number, head: start), to: loop)
        }
        self.perform(RoomFeed.Step(deliver: news), in: room)
        self.goOn(with: step, in: room)
    }

    /// - Parameter step: what was said while the log was read.
    private func goOn(with step: RoomFeed.Step, in room: HubRoom) {
        let waiting = room.waiting
        room.waiting = []
        self.perform(step, in: room)
        for request in waiting { self.enter(request) }
    }
}
