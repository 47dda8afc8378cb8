public import ChatProtocol
public import NIOCore

/// The plain dialect: a text message is a line said in the current room, or a `/command`.
///
/// For raw WebSocket tools and six lines of browser JavaScript. A line runs the same commands as a frame does; what
/// they answer is put into words here.
public final class PlainDialect: SessionDialect {
    public let encoding = FrameEncoding.plainWebSocket
    /// Where a line goes.
    private var room: RoomName?
    /// Where lines went before the join that is under way.
    private var formerRoom: RoomName?
    private static let joinHistory = 20

    public init() {}

    public func begin(_ session: Session) {
        session.receive(ClientFrame(type: "hello", id: nil, fields: FrameFields(.object([]))))
        // Waits for the welcome like whatever the peer says before it, and so comes before that.
        if let room = session.loop.settings.defaultRoom { self.join(room.string, session: session) }
    }

    public func receive(_ text: ByteBuffer, session: Session) {
        guard text.readableBytes <= session.loop.settings.limits.textBytes + 256 else {
            return self.say("! that is too long", session: session)
        }
        guard let command = PlainCommand(String(buffer: text)) else { return }
        self.run(command, session: session)
    }

    public func receiveBinary(_ bytes: ByteBuffer, session: Session) {
        session.close(.unsupportedData, reason: "this is a text conversation")
    }

    private func run(_ command: PlainCommand, session: Session) {
        switch command {
        case .say(let text): self.send(text, action: false, session: session)
        case .action(let text): self.send(text, action: true, session: session)
        case .join(let name): self.join(name, session: session)
        case .leave: self.leave(session)
        case .nick(let name): self.frame("nick", ["name": .string(name)], session: session)
        case .message(let name, let text): self.message(to: name, text, session: session)
        case .rooms(let after):
            self.frame("rooms", after.map { ["after": .string($0)] } ?? [:], session: session)
        case .who: self.inRoom(session) { self.frame("who", ["room": .string($0.string)], session: session) }
        case .history(let count):
            self.inRoom(session) { room in
                let fields: [String: JSONValue] = ["room": .string(room.string), "limit": .integer(Int64(count))]
                self.frame("history", fields, session: session)
            }
        case .topic, .kick, .ban, .unban, .mute, .unmute, .invite: self.moderate(command, session: session)
        case .help: self.say(Self.help, session: session)
        case .mistake(let text): self.say("! \(text)", session: session)
        }
    }

    private func frame(_ type: String, _ fields: [String: JSONValue], session: Session) {
        let members = fields.map { JSONValue.JSONMember(name: $0.key, value: $0.value) }
        session.receive(ClientFrame(type: type, id: type, fields: FrameFields(.object(members))))
    }

    private func send(_ text: String, action: Bool, session: Session) {
        self.inRoom(session) { room in
            // Without an id: the line comes back like everybody else's, which says enough.
            let members: [JSONValue.JSONMember] = [
                .init(name: "room", value: .string(room.string)), .init(name: "text", value: .string(text)),
                .init(name: "action", value: .bool(action)),
            ]
            session.receive(ClientFrame(type: "send", id: nil, fields: FrameFields(.object(members))))
        }
    }

    private func join(_ name: String, session: Session) {
        guard let room = RoomName(name) else { return self.say("! \(Self.badRoom)", session: session) }
        self.formerRoom = self.room
        self.room = room
        let fields: [String: JSONValue] = [
            "room": .string(room.string), "history": .integer(Int64(Self.joinHistory)),
        ]
        self.frame("join", fields, session: session)
    }

    private func leave(_ session: Session) {
        self.inRoom(session) { room in
            self.room = nil
            self.frame("leave", ["room": .string(room.string)], session: session)
        }
    }

    private func message(to name: String, _ text: String, session: Session) {
        self.withUser(named: name, session: session) { dialect, session, user in
            dialect.frame("send", ["to": .string(user.string), "text": .string(text)], session: session)
        }
    }

    private func withUser(
        named name: String, session: Session,
        _ body: @escaping @Sendable (PlainDialect, Session, UserID) -> Void
    ) {
        guard let name = DisplayName(name) else { return self.say("! nobody is called that", session: session) }
        let bound = NIOLoopBound(session, eventLoop: session.loop.eventLoop)
        let dialect = NIOLoopBound(self, eventLoop: session.loop.eventLoop)
        session.loop.directory.user(named: name).whenComplete { result in
            switch result {
            case .success(let user?): body(dialect.value, bound.value, user)
            case .success(nil):
                dialect.value.say("! nobody is called \(PlainLine.clean(name.string))", session: bound.value)
            case .failure:
                dialect.value.say("! the node cannot reach its store; try again", session: bound.value)
            }
        }
    }

    private func moderate(_ command: PlainCommand, session: Session) {
        self.inRoom(session) { room in
            switch command {
            case .topic(""): self.say(PlainLine.topic(self.policy(of: room, session).settings.topic), session: session)
            case .topic(let topic):
                self.frame("topic", ["room": .string(room.string), "topic": .string(topic)], session: session)
            case .kick(let name, let reason): self.act("kick", on: name, in: room, reason: reason, session: session)
            case .ban(let name, let duration, let reason):
                self.act("ban", on: name, in: room, duration: duration, reason: reason, session: session)
            case .mute(let name, let duration, let reason):
                self.act("mute", on: name, in: room, duration: duration, reason: reason, session: session)
            case .unban(let name): self.act("unban", on: name, in: room, listed: .bans, session: session)
            case .unmute(let name): self.act("unmute", on: name, in: room, listed: .mutes, session: session)
            case .invite(let name): self.act("invite", on: name, in: room, session: session)
            default: return
            }
        }
    }

    private func act(
        _ type: String, on name: String, in room: RoomName, duration: Int64? = nil, reason: String = "",
        listed: RoomPolicy.List? = nil, session: Session
    ) {
        var fields: [String: JSONValue] = ["room": .string(room.string)]
        if let duration { fields["duration"] = .integer(duration) }
        if !reason.isEmpty { fields["reason"] = .string(reason) }
        // Who is on a list may be called otherwise by now, or not be here at all.
        if let listed, let folded = DisplayName(name)?.folded,
            let user = self.policy(of: room, session)[listed].first(where: {
                DisplayName($0.value.name)?.folded == folded
            })
        {
            fields["user"] = .string(user.key.string)
            return self.frame(type, fields, session: session)
        }
        let others = fields
        self.withUser(named: name, session: session) { dialect, session, user in
            dialect.frame(type, others.merging(["user": .string(user.string)]) { $1 }, session: session)
        }
    }

    private func policy(of room: RoomName, _ session: Session) -> RoomPolicy {
        session.loop.rooms[room]?.policy ?? RoomPolicy()
    }

    private func inRoom(_ session: Session, _ body: (RoomName) -> Void) {
        guard let room = self.room else { return self.say("! join a room first: /join ROOM", session: session) }
        body(room)
    }

    private func say(_ line: String, session: Session) {
        session.tellLine(line)
    }

    // MARK: What is answered, in words

    public func messages(for frame: ServerFrame, session: Session) -> [ByteBuffer] {
        self.lines(for: frame, session: session).map { ByteBuffer(string: $0) }
    }

    private func lines(for frame: ServerFrame, session: Session) -> [String] {
        switch frame {
        case .welcome(let welcome):
            return ["* Welcome to Martlet. You are \(welcome.name); /help lists the commands."]
        case .joined(let joined):
            let what = joined.resetReason == nil ? "You are in" : "Starting anew in"
            return ["* \(what) \(joined.room), \(joined.memberCount) here"]
                + (joined.settings.topic.map { [PlainLine.topic($0)] } ?? [])
                + joined.entries.compactMap { PlainLine.entry($0) }
        case .ack(let ack): return self.acknowledged(ack, session: session)
        case .members(let members):
            let names = members.members.map { PlainLine.clean($0.name) }.joined(separator: ", ")
            return ["* \(members.count) here: \(names)\(members.after == nil ? "" : ", …")"]
        case .history(let page): return page.entries.compactMap { PlainLine.entry($0) }
        case .rooms(let list):
            let rooms = list.rooms.map { "\($0.room) (\($0.members))" }.joined(separator: ", ")
            return ["* Rooms: \(rooms)"] + (list.after.map { ["* There are more: /rooms \($0)"] } ?? [])
        case .error(let re, _, let error):
            if re == "join" { self.room = self.formerRoom }
            return ["! \(PlainLine.clean(error.message))"]
        case .goaway: return ["* This node is going away. Connect again in a moment."]
        case .degraded(let on, _): return [on ? "* The store is away; please wait." : "* The store is back."]
        case .kicked(let room, let reason):
            if self.room == room { self.room = nil }
            let why = reason.map { ": \(PlainLine.clean($0))" } ?? ""
            return ["* You were removed from \(room)\(why)"]
        case .room(let info) where info.role != nil:
            return [
                "* You are \(info.role == .member ? "a member" : info.role == .owner ? "an owner" : "a moderator") of \(info.room) now"
            ]
        case .pong, .inbox, .blocked, .settings, .room, .moderation, .audit: return []
        }
    }

    private func acknowledged(_ ack: Ack, session: Session) -> [String] {
        switch ack.re {
        case "nick": return ["* You are now \(session.identity?.name.string ?? "")"]
        case "leave": return ["* You left \(ack.room?.string ?? "the room")"]
        case "topic", "kick", "ban", "unban", "mute", "unmute", "invite": return ["* Done"]
        default: return []
        }
    }

    private static let badRoom =
        "a room's name has 1 to 64 characters of a-z 0-9 . _ - and begins with a letter or digit"
    private static let help = """
        * /nick NAME, /join ROOM, /leave, /msg NAME TEXT, /me ACTION, /who, /rooms [AFTER], /history [N], /topic [TEXT], /help; \
        for moderators /kick NAME [REASON], /ban NAME [10m] [REASON], /unban NAME, /mute NAME [10m] [REASON], \
        /unmute NAME, /invite NAME; // at the beginning of a line says a slash
        """
}

extension Session {
    /// Sends a line to this session alone.
    fileprivate func tellLine(_ line: String) {
        if case .ended = self.phase { return }
        var frames = ByteBuffer()
        self.loop.encoder.write(ByteBuffer(string: line), as: self.encoding, into: &frames)
        self.output.write(frames, ephemeral: false)
        self.loop.flushSoon()
    }
}
