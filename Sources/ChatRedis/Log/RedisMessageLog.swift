public import ChatCore
public import ChatProtocol
public import NIOCore
public import RedisClient

/// The logs of rooms as Redis streams, over one command link. Used on the link's event loop only.
///
/// Each call is sent at once, most as one script, so calls reach Redis in the order made.
public final class RedisMessageLog: MessageLog {
    private let link: RedisCommandLink
    private let keys: RedisKeys
    private let settings: RedisStoreSettings
    private var epochs = EpochSource()
    private let command: AppendCommand

    /// - Parameter link: made with ``RedisScripts/all``.
    public init(link: RedisCommandLink, keys: RedisKeys, settings: RedisStoreSettings) {
        self.link = link
        self.keys = keys
        self.settings = settings
        self.command = AppendCommand(keys, settings: settings)
    }

    public func append(_ request: AppendRequest, then body: @escaping (Result<Appended, any Error>) -> Void) {
        guard self.settings.replicas > 0 || request.pace != nil else { return self.store(request, then: body) }
        let stored = self.link.eventLoop.makePromise(of: Appended.self)
        if let pace = request.pace {
            self.store(request, pace: pace).cascade(to: stored)
        } else {
            self.store(request) { stored.completeWith($0) }
        }
        guard self.settings.replicas > 0 else { return stored.futureResult.assumeIsolated().whenComplete(body) }
        self.replicated(stored.futureResult).assumeIsolated().whenComplete(body)
    }

    private func store(_ request: AppendRequest, then body: @escaping (Result<Appended, any Error>) -> Void) {
        let (command, epoch) = (self.command, self.epochs.next())
        let key = command.key(of: request)
        let byteLimit = command.byteLimit(request, key: key)
        self.link.send(count: command.count(request, key: key), byteLimit: byteLimit) { cursor in
            command.write(request, key: key, epoch: epoch, to: &cursor)
        } whenAnswered: { reply in
            switch reply {
            case .success(let reply):
                body(LogReplies.appended(reply.bytes).map { .success($0) } ?? .failure(StoreError.unexpected("append")))
            case .failure(let error): body(.failure(StoreError(error)))
            }
        }
    }

    /// In a room that sets a pace: rare enough to go the common way of a script.
    private func store(_ request: AppendRequest, pace: Int64) -> EventLoopFuture<Appended> {
        var keys = self.keys.appendKeys(request.room)
        if let key = self.command.key(of: request) { keys.append(RedisArgument(key)) }
        var arguments = self.storing(request.body, in: request.room, known: request.known)
        arguments += [
            RedisArgument(self.settings.keyMemory.milliseconds), RedisArgument(request.replyTo ?? 0),
            RedisArgument(request.attachment?.id.secret ?? ""), RedisArgument(request.attachment?.size ?? 0),
            RedisArgument(self.settings.attachmentsPerRoom), RedisArgument(pace),
            RedisArgument(request.author.string),
        ]
        return self.link.run(RedisScripts.appendPaced, keys: keys, arguments: arguments)
            .reading("append") { reply in
                reply.bytes.flatMap { $0.withUnsafeReadableBytes { LogReplies.appended($0) } }
            }
    }

    public func sendIfMany() {
        self.link.sendIfMany()
    }

    public func change(_ request: ChangeRequest) -> EventLoopFuture<Changed> {
        var arguments = self.storing(request.body, in: request.room, known: request.known)
        let (kind, mark): (RedisArgument, String) =
            switch request.kind {
            case .edit: ("edit", "")
            case .delete: ("delete", "")
            case .react(let emoji, let isOn): ("react", (isOn ? "+" : "-") + emoji)
            }
        arguments += [
            kind, RedisArgument(request.target), RedisArgument(request.author.string),
            request.mayChangeOthers ? "1" : "0", RedisArgument(mark),
            RedisArgument(self.settings.changesPerMessage), RedisArgument(self.settings.reactionsPerUser),
            RedisArgument(request.authorName), RedisArgument(max(1, self.settings.auditEntries)),
        ]
        let stored = self.link.run(RedisScripts.change, keys: self.keys.logKeys(request.room), arguments: arguments)
            .reading("change", LogReplies.changed)
        return self.settings.replicas > 0 ? self.replicated(stored) : stored
    }

    /// What the scripts that store an entry have in common: see `append_prelude.lua`.
    private func storing(_ body: ByteBuffer, in room: RoomName, known: Position?) -> [RedisArgument] {
        [RedisArgument(body), RedisArgument(self.epochs.next())] + Self.position(known)
            + [RedisArgument(max(1, self.settings.retention)), self.keys.logChannel(room)]
    }

    /// WAIT counts the replicas that have all writes of this connection, so it goes right behind the append.
    /// https://redis.io/docs/latest/commands/wait/
    private func replicated<Stored: Sendable>(_ stored: EventLoopFuture<Stored>) -> EventLoopFuture<Stored> {
        let wanted = self.settings.replicas
        let reached = self.link.send([
            "WAIT", RedisArgument(wanted), RedisArgument(max(1, self.settings.replicaTimeout.milliseconds)),
        ]).reading("WAIT", \.int)
        return stored.and(reached).flatMapThrowing { stored, reached in
            guard reached >= wanted else {
                throw StoreError.unavailable("the entry is on \(reached) of \(wanted) replicas")
            }
            return stored
        }
    }

    public func open(_ room: RoomName, limit: Int, founder: Founder?) -> EventLoopFuture<LogPage> {
        self.page(room, .latest, limit: limit, founder: founder)
    }

    public func head(of room: RoomName) -> EventLoopFuture<LogHead?> {
        self.link.send(["HMGET", RedisArgument(self.keys.meta(room)), "epoch", "offset", "at", "policy"])
            .reading("HMGET") { LogReplies.head($0) }
    }

    public func page(_ room: RoomName, _ range: HistoryRange, limit: Int) -> EventLoopFuture<LogPage> {
        self.page(room, range, limit: limit, founder: nil)
    }

    private func page(
        _ room: RoomName, _ range: HistoryRange, limit: Int, founder: Founder?
    ) -> EventLoopFuture<LogPage> {
        var arguments = [RedisArgument(self.epochs.next())]
        switch range {
        case .latest: arguments += ["latest", ""]
        case .before(let offset): arguments += ["before", RedisArgument(offset)]
        case .after(let offset): arguments += ["after", RedisArgument(offset)]
        }
        arguments += [RedisArgument(max(0, limit)), RedisArgument(self.settings.pageBytes)]
        arguments += [RedisArgument(founder?.user.string ?? ""), RedisArgument(founder?.recordEnd ?? ByteBuffer())]
        return self.link.run(RedisScripts.page, keys: self.keys.logKeys(room), arguments: arguments)
            .reading("page", LogReplies.page)
    }

    public func entries(
        after position: Position,
        in room: RoomName,
        limit: Int,
        byteLimit: Int
    ) -> EventLoopFuture<Recovery> {
        var arguments = [RedisArgument(self.epochs.next())]
        arguments += Self.position(position)
        arguments += [RedisArgument(max(0, limit)), RedisArgument(max(0, byteLimit))]
        return self.link.run(RedisScripts.since, keys: self.keys.logKeys(room), arguments: arguments)
            .reading("since", LogReplies.recovery)
    }

    public func renewEpoch(of room: RoomName, lost: String) -> EventLoopFuture<Position> {
        self.link.run(
            RedisScripts.renew,
            keys: self.keys.logKeys(room),
            arguments: [RedisArgument(lost), RedisArgument(self.epochs.next())]
        ).reading("renew") { reply in reply.array.flatMap { LogReplies.position($0) } }
    }

    public func notify(_ user: UserID, of entry: LogEntry, in room: RoomName) -> EventLoopFuture<Void> {
        self.link.run(
            RedisScripts.notify,
            keys: [RedisArgument(self.keys.inbox(user))],
            arguments: [
                RedisArgument(room.string), RedisArgument(entry.at), RedisArgument(entry.json),
                RedisArgument(self.keys.userChannel(user)), RedisArgument(max(1, self.settings.inboxConversations)),
            ]
        ).reading("notify") { _ in () }
    }

    public func directRooms(of user: UserID, since at: Int64) -> EventLoopFuture<[DirectRoomActivity]> {
        self.link.send([
            "ZRANGE", RedisArgument(self.keys.inbox(user)), RedisArgument(at), "+inf", "BYSCORE", "WITHSCORES",
        ]).reading("ZRANGE") { LogReplies.directRooms($0) }
    }

    private static func position(_ position: Position?) -> [RedisArgument] {
        guard let position else { return ["", "", ""] }
        return [RedisArgument(position.epoch), RedisArgument(position.offset), RedisArgument(position.at)]
    }
}

@available(*, unavailable)
extension RedisMessageLog: Sendable {}
