import ChatProtocol
import Logging
public import NIOCore

/// What Redis publishes, put in order.
extension RoomHub: SubscriptionReceiver {
    public func received(_ payload: ByteBuffer, for subject: TopicSubject) {
        if let room = subject as? HubRoom { return self.received(payload, in: room) }
        switch subject.topic {
        case .room:
            return
        case .user(let user):
            self.received(payload, for: user)
        case .echo:
            self.heardEcho()
        case .posts:
            self.receivedPost(payload)
        }
    }

    private func received(_ payload: ByteBuffer, in room: HubRoom) {
        if let header = EntryHeader(payload) {
            self.received(LogEntry(header, json: payload), epoch: header.position.epoch, in: room)
        } else {
            self.receivedEvent(payload, in: room)
        }
    }

    public func receivedAll() {
        self.outbox.flush()
    }

    public func resubscribed(_ topics: [Topic]) {
        var users: [UserID] = []
        for topic in topics {
            switch topic {
            case .room(let name):
                guard let room = self.rooms[name] else { continue }
                self.perform(room.feed.verify(), in: room)
                self.readShares(of: room)
                self.readPolicy(of: room)
            case .echo, .posts:
                continue
            case .user(let user):
                self.compareInbox(of: user)
                users.append(user)
                for name in self.directRooms[user] ?? [] {
                    guard let room = self.rooms[name] else { continue }
                    self.perform(room.feed.verify(), in: room)
                }
            }
        }
        self.readProfiles(of: users[...])
        self.flushSoon()
    }

    public func linkChanged(isUp: Bool) {
        self.health.subscriberIsUp = isUp
        self.probe = EchoProbe()
        if isUp { self.subscribeToOwnTopics() }
    }

    func received(_ entry: LogEntry, epoch: String, in room: HubRoom) {
        self.perform(room.feed.received(entry, epoch: epoch), in: room)
    }

    /// Delivers what is in order and reads what is missing.
    func perform(_ step: RoomFeed.Step, in room: HubRoom) {
        if let last = step.deliver.last, let epoch = room.feed.head?.epoch ?? EntryHeader(last.json)?.position.epoch {
            room.recent.append(step.deliver, bound: self.settings.recent)
            let head = Position(epoch: epoch, offset: last.offset, at: last.at)
            for index in room.attached.indices {
                self.outbox.add(step.deliver, head: head, of: room.number, to: &room.attached[index])
            }
        }
        guard step.then != .nothing else { return }
        self.read(step.then, in: room)
    }

    private func read(_ what: RoomFeed.Next, in room: HubRoom) {
        guard !room.isReading, what != .nothing else { return }
        room.isReading = true
        room.verifying += room.ahead
        room.ahead = []
        switch what {
        case .nothing:
            room.isReading = false
        case .fill(let position):
            let recovery = self.log.entries(
                after: position, in: room.name, limit: Self.fillEntries, byteLimit: Self.fillBytes
            )
            self.whenRead(recovery, in: room) { hub, room, recovery in
                hub.perform(room.feed.filled(recovery), in: room)
            }
        case .renew(let lost):
            self.logger.warning("a log lost entries", metadata: ["room": "\(room.name)", "epoch": "\(lost)"])
            let renewed = self.log.renewEpoch(of: room.name, lost: lost)
            self.whenRead(renewed, in: room) { hub, room, _ in hub.read(.open, in: room) }
        case .open:
            let page = self.log.open(room.name, limit: Limits.defaultHistory)
            self.whenRead(page, in: room) { hub, room, page in hub.reset(room, page: page) }
        }
    }

    /// A gap beyond these is not filled but reset, visibly.
    private static let fillEntries = 1_000
    private static let fillBytes = 1 << 20

    private func whenRead<Value: Sendable>(
        _ future: EventLoopFuture<Value>,
        in room: HubRoom,
        _ body: @escaping @Sendable (RoomHub, HubRoom, Value) -> Void
    ) {
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let bound = NIOLoopBound(room, eventLoop: self.eventLoop)
        future.whenComplete { result in
            let (hub, room) = (hub.value, bound.value)
            room.isReading = false
            guard hub.rooms[room.name] === room else { return }
            switch result {
            case .success(let value):
                room.failedReadings = 0
                let verified = room.verifying
                room.verifying = []
                body(hub, room, value)
                hub.admit(verified: verified, to: room)
                hub.flushSoon()
            case .failure(let error):
                hub.readingFailed(error, in: room)
            }
        }
    }

    /// Redis is away or slow: ask again, less and less often, as long as the room is open.
    private func readingFailed(_ error: any Error, in room: HubRoom) {
        room.failedReadings += 1
        self.refuseWaiting(in: room, error)
        self.logger.debug("cannot read a log", metadata: ["room": "\(room.name)", "error": "\(error)"])
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let bound = NIOLoopBound(room, eventLoop: self.eventLoop)
        self.eventLoop.scheduleTask(in: room.retryDelay) {
            guard hub.value.rooms[bound.value.name] === bound.value else { return }
            hub.value.read(bound.value.feed.pending, in: bound.value)
        }
    }

    private func reset(_ room: HubRoom, page: LogPage) {
        room.recent = RecentEntries(page: page, bound: self.settings.recent)
        let step = room.feed.opened(at: page.head)
        self.tellReset(room, head: page.head, reason: "entries may have been lost")
        self.admitWaiting(to: room, at: page.head)
        self.perform(step, in: room)
    }

    func tellReset(_ room: HubRoom, head: Position, reason: String) {
        let event = LoopEvent.reset(
            room.name, head: head, entries: room.recent.snapshot.latestOrAll(Limits.defaultHistory),
            room.currentSnapshot(),
            reason: reason)
        for each in room.attached { self.outbox.add(event, to: each.loop) }
    }

    private func receivedEvent(_ payload: ByteBuffer, in room: HubRoom) {
        guard let json = try? JSONValue.parse(payload), let type = json["type"]?.string else {
            self.logger.warning("ignoring what is no event", metadata: ["room": "\(room.name)"])
            return
        }
        if type == "share" {
            if let notice = ShareNotice(json) { self.received(notice, in: room) }
        } else if type == "policy" {
            self.readPolicy(of: room)
        } else if type == "settle" {
            self.writeShareForSettling(of: room)
        } else if Self.forwardedEvents.contains(type) {
            for each in room.attached { self.outbox.add(.event(room.name, payload), to: each.loop) }
        }
    }

    /// Ephemeral events that go to the sessions as they are; anything else in Redis is not for them.
    private static let forwardedEvents: Set<String> = ["typing", "read", "user"]
}

extension FrameError {
    /// What a client is told when the store failed.
    init(unavailable error: any Error) {
        self.init(.unavailable, "the node cannot reach its store; try again", retryAfter: 1_000)
    }

    /// The same for a `send`, which may have been stored all the same.
    init(outcomeUnknown error: any Error) {
        self.init(.unavailable, "the outcome is unknown: send it again with the same key", retryAfter: 1_000)
    }
}
