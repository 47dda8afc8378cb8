import ChatProtocol
import NIOCore

extension Session {
    /// Whether nobody has to be looked up for a text, nor is for what was said before: so it takes effect at once.
    func mentionsNobody(in text: String) -> Bool {
        self.saying.isIdle && Mentions(in: text).readings.isEmpty
    }

    /// Finds out who is mentioned in a text, then goes on with what is said, in the order said.
    ///
    /// When nobody is mentioned and nothing said before is still waiting, it goes on at once.
    func resolveMentions(in text: String, then body: @escaping @Sendable (Session, [UserID]) -> Void) {
        let eventLoop = self.loop.eventLoop
        let mentions = Mentions(in: text)
        if mentions.readings.isEmpty, self.saying.isIdle { return body(self, []) }
        let owners = mentions.readings.joined().map { self.loop.directory.user(named: $0) }
        // Who cannot be looked up is not mentioned: when Redis is away, the message is what will be refused.
        let users = EventLoopFuture.whenAllSucceed(owners, on: eventLoop).map { mentions.users($0) }.recover { _ in [] }
        let session = NIOLoopBound(self, eventLoop: eventLoop)
        self.saying.take(owners.isEmpty ? eventLoop.makeSucceededFuture([]) : users) { result in
            body(session.value, (try? result.get()) ?? [])
        }
    }

    /// Tells all sessions of those who are mentioned in a message, wherever they are.
    func tell(_ users: [UserID], of entry: LogEntry, in room: RoomName) {
        guard !users.isEmpty else { return }
        self.loop.hub?.mention(users, Event.mention(room: room, entry: entry.json))
    }
}
