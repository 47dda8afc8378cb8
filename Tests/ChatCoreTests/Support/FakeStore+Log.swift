import ChatCore
import ChatProtocol
import NIOCore

extension FakeStore: MessageLog {
    func append(_ request: AppendRequest, then body: @escaping (Result<Appended, any Error>) -> Void) {
        if let pace = request.pace {
            let place = "\(request.room) \(request.author)"
            let due = redis.paced[place] ?? 0
            guard due <= redis.clock else {
                return body(.failure(StoreError.tooSoon(retryAfter: due - redis.clock)))
            }
            redis.paced[place] = redis.clock + pace
        }
        perform(.append) {
            let log = redis.log(request.room)
            if let known = request.known, known.epoch == log.epoch, known.offset > log.head.offset {
                _ = redis.renewEpoch(of: request.room, lost: log.epoch)
            }
            let (entry, isRepeat) = redis.store(request.body, in: request.room, key: request.key)
            if !isRepeat, !request.room.isDirect { redis.publish(entry.json, to: .room(request.room)) }
            let epoch = redis.log(request.room).epoch
            return Appended(position: Position(epoch: epoch, offset: entry.offset, at: entry.at), isRepeat: isRepeat)
        }.assumeIsolated().whenComplete(body)
    }

    func sendIfMany() { readsTold += 1 }

    func change(_ request: ChangeRequest) -> EventLoopFuture<Changed> {
        perform(.change) { () -> Result<Changed, any Error> in
            let log = redis.log(request.room)
            guard let target = log.entries.first(where: { $0.offset == request.target }), target.change == nil,
                let message = try? JSONValue.parse(target.json)
            else { return .failure(StoreError.noSuchEntry) }
            if case .react = request.kind {
            } else if message["from"]?["id"]?.string != request.author.string, !request.mayChangeOthers {
                return .failure(StoreError.notYours)
            }
            let (entry, _) = redis.store(request.body, in: request.room)
            if request.kind == .delete { redis.delete(request.target, in: request.room) }
            if !request.room.isDirect { redis.publish(entry.json, to: .room(request.room)) }
            return .success(Changed(position: Position(epoch: log.epoch, offset: entry.offset, at: entry.at)))
        }.flatMapThrowing { try $0.get() }
    }

    func head(of room: RoomName) -> EventLoopFuture<LogHead?> {
        perform(.head) {
            redis.logs[room].map { LogHead(position: $0.head, policyVersion: redis.policies[room]?.version ?? 0) }
        }
    }

    func open(_ room: RoomName, limit: Int, founder: Founder?) -> EventLoopFuture<LogPage> {
        perform(.open) {
            if redis.logs[room] == nil, let founder {
                redis.policies[room] = RoomPolicy(version: 1)
                redis.policies[room]?[.roles] = [
                    founder.user: .init(name: founder.name, role: .owner, at: redis.clock)
                ]
            }
            let log = redis.log(room)
            return LogPage(
                head: log.head, entries: log.entries.suffix(limit), more: log.entries.count > limit,
                policyVersion: redis.policies[room]?.version ?? 0)
        }
    }

    func entries(
        after position: Position, in room: RoomName, limit: Int, byteLimit: Int
    ) -> EventLoopFuture<Recovery> {
        perform(.entries) {
            let log = redis.log(room)
            let isKnown =
                position.offset == 0 ? position.at == 0 : log.entries.contains { $0.isAt(position) }
            guard position.epoch == log.epoch, isKnown else { return .lost(head: log.head) }
            let newer = log.entries.filter { $0.offset > position.offset }
            guard newer.count <= limit, newer.reduce(0, { $0 + $1.json.readableBytes }) <= byteLimit else {
                return .lost(head: log.head)
            }
            return .recovered(head: log.head, entries: newer)
        }
    }

    func page(_ room: RoomName, _ range: HistoryRange, limit: Int) -> EventLoopFuture<LogPage> {
        perform(.page) {
            let log = redis.log(room)
            let candidates: [LogEntry]
            switch range {
            case .latest: candidates = log.entries
            case .before(let offset): candidates = log.entries.filter { $0.offset < offset }
            case .after(let offset):
                candidates = log.entries.filter { $0.offset > offset }
                let entries = Array(candidates.prefix(limit))
                return LogPage(head: log.head, entries: entries, more: candidates.count > limit)
            }
            let entries = Array(candidates.suffix(limit))
            let edits = log.entries.filter { edit in
                edit.change?.kind == .edited && entries.contains { $0.offset == edit.change?.target }
                    && edit.offset > (entries.last?.offset ?? 0)
            }
            let last = Dictionary(edits.map { ($0.change?.target, $0) }) { $1 }.values.sorted { $0.offset < $1.offset }
            return LogPage(head: log.head, entries: entries, changes: last, more: candidates.count > limit)
        }
    }

    func renewEpoch(of room: RoomName, lost: String) -> EventLoopFuture<Position> {
        perform(.renew) { redis.renewEpoch(of: room, lost: lost) }
    }

    func notify(_ user: UserID, of entry: LogEntry, in room: RoomName) -> EventLoopFuture<Void> {
        perform(.notify) {
            redis.inboxes[user, default: [:]][room] = entry.at
            redis.publish(entry.json, to: .user(user))
        }
    }

    func directRooms(of user: UserID, since at: Int64) -> EventLoopFuture<[DirectRoomActivity]> {
        perform(.inbox) {
            (redis.inboxes[user] ?? [:]).filter { $0.value >= at }
                .map { DirectRoomActivity(name: $0.key, at: $0.value) }
        }
    }
}

extension LogEntry {
    fileprivate func isAt(_ position: Position) -> Bool {
        offset == position.offset && at == position.at
    }
}
