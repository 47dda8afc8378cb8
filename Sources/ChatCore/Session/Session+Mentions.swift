import ChatProtocol
import NIOCore

extension Session {
    /// Whether nobody has to be looked up for a text, nor is for what was said before: so it takes effect at once.
    func mentionsNobody(in text: String) -> Bool {
        self.isSayingIdle && Mentions(in: text).readings.isEmpty
    }

    /// Finds out who is mentioned in a text, then goes on with what is said, in the order said.
    ///
    /// When nobody is mentioned and nothing said before is still waiting, it goes on at once.
    func resolveMentions(in text: String, then body: @escaping @Sendable (Session, [UserID]) -> Void) {
        let eventLoop = self.loop.eventLoop
        let mentions = Mentions(in: text)
        if mentions.readings.isEmpty, self.isSayingIdle { return body(self, []) }
        let owners = mentions.readings.joined().map { self.loop.directory.user(named: $0) }
        // Who cannot be looked up is not mentioned: when Redis is away, the message is what will be refused.
        let users = EventLoopFuture.whenAllSucceed(owners, on: eventLoop).map { mentions.users($0) }.recover { _ in [] }
        let session = NIOLoopBound(self, eventLoop: eventLoop)
        self.saying.take(owners.isEmpty ? eventLoop.makeSucceededFuture([]) : users) { result in
            body(session.value, (try? result.get()) ?? [])
        }
    }

    /// The same for the new text of a message: of those who are mentioned, who was not before is found out, too.
    func resolveMentions(
        in edit: Edit, then body: @escaping @Sendable (Session, EditMentions) -> Void
    ) {
        let loop = NIOLoopBound(self.loop, eventLoop: self.loop.eventLoop)
        let mentions = Mentions(in: edit.text)
        if mentions.readings.isEmpty, self.isSayingIdle { return body(self, EditMentions()) }
        let owners = mentions.readings.joined().map { self.loop.directory.user(named: $0) }
        let found = EventLoopFuture.whenAllSucceed(owners, on: self.loop.eventLoop)
            .flatMap { owners -> EventLoopFuture<EditMentions> in
                let all = mentions.users(owners)
                guard !all.isEmpty else { return loop.value.eventLoop.makeSucceededFuture(EditMentions()) }
                return loop.value.mentioned(in: edit.target, of: edit.room).map { before in
                    EditMentions(all: all, new: all.filter { !before.contains($0) })
                }
            }.recover { _ in EditMentions() }
        let session = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
        self.saying.take(found) { result in body(session.value, (try? result.get()) ?? EditMentions()) }
    }

    /// Tells all sessions of those who are mentioned in a message, wherever they are.
    func tell(_ users: [UserID], of entry: LogEntry, in room: RoomName) {
        guard !users.isEmpty else { return }
        self.loop.hub?.mention(users, Event.mention(room: room, entry: entry.json))
    }
}

/// Who is mentioned in the new text of a message.
struct EditMentions: Sendable {
    var all: [UserID] = []
    /// Those of them whom the text so far did not mention.
    var new: [UserID] = []
}

extension SessionLoop {
    /// Who is mentioned in a message as it was written, or in its last edit.
    fileprivate func mentioned(in offset: UInt64, of room: RoomName) -> EventLoopFuture<Set<UserID>> {
        self.log.page(room, .before(offset + 1), limit: 1).map { page in
            let entries =
                page.entries.filter { $0.offset == offset } + page.changes.filter { $0.change?.target == offset }
            return Set(entries.flatMap(\.mentions))
        }
    }
}

extension LogEntry {
    fileprivate var mentions: [UserID] {
        let users = (try? JSONValue.parse(self.json))?["mentions"]?.array ?? []
        return users.compactMap { $0.string.flatMap { UserID($0) } }
    }
}
