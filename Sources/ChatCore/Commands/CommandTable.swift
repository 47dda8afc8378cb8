import ChatProtocol

/// A client's command: a frame type, its fields, and what it does.
protocol SessionCommand: SendableMetatype {
    init(_ fields: FrameFields) throws(FrameError)

    /// Does it, and answers a frame that had an `id` exactly once. Called once.
    mutating func run(in session: Session, id: String?)
}

/// All frames that clients may send. A new one is a row here and a file beside this one.
enum CommandTable {
    static let rows: [String: any SessionCommand.Type] = [
        "hello": Hello.self,
        "join": Join.self,
        "leave": Leave.self,
        "send": Send.self,
        "edit": Edit.self,
        "delete": Delete.self,
        "react": React.self,
        "nick": Nick.self,
        "status": SetStatus.self,
        "who": Who.self,
        "rooms": Rooms.self,
        "history": History.self,
        "read": Read.self,
        "typing": Typing.self,
        "inbox": Inbox.self,
        "block": Block.self,
        "unblock": Unblock.self,
        "blocked": Blocked.self,
        "settings": Settings.self,
        "ping": Ping.self,
        "refresh": Refresh.self,
        "kick": Kick.self,
        "ban": Ban.self,
        "unban": Unban.self,
        "mute": Mute.self,
        "unmute": Unmute.self,
        "role": GrantRole.self,
        "invite": Invite.self,
        "uninvite": Uninvite.self,
        "topic": SetTopic.self,
        "configure": Configure.self,
        "moderation": ShowModeration.self,
        "audit": ShowAudit.self,
    ]

    static func run(_ frame: ClientFrame, session: Session) {
        // Nearly all frames are this: it is not looked up.
        if frame.type == "send" { return self.run(Send.self, frame, session: session) }
        if frame.type == "attach" { return self.attach(frame, session: session) }
        guard let type = self.rows[frame.type] else {
            let error = FrameError(.unsupported, "this node does not know '\(frame.type.prefix(64))'")
            return session.refuse(error, re: frame.id)
        }
        self.run(type, frame, session: session)
    }

    private static func run<Command: SessionCommand>(_ type: Command.Type, _ frame: ClientFrame, session: Session) {
        do throws(FrameError) {
            var command = try type.init(frame.fields)
            command.run(in: session, id: frame.id)
        } catch {
            session.refuse(error, re: frame.id)
        }
    }

    /// The only command that is more than its fields.
    private static func attach(_ frame: ClientFrame, session: Session) {
        do throws(FrameError) {
            try Attach(frame.fields, bytes: frame.bytes).run(in: session, id: frame.id)
        } catch {
            session.refuse(error, re: frame.id)
        }
    }
}
