import ChatProtocol
import Logging
import NIOCore

extension Send: SessionCommand {
    mutating func run(in session: Session, id: String?) {
        do throws(FrameError) {
            try self.normaliseText(limit: session.loop.settings.limits.textBytes)
        } catch {
            return session.refuse(error, re: id)
        }
        // The text is as it will be stored.
        guard let author = session.author else { return }
        switch self.destination {
        case .room(let room) where room.isDirect: self.say(inDirect: room, session: session, author: author, id: id)
        case .room(let room): self.say(in: room, session: session, author: author, id: id)
        case .user(let user): self.sendDirect(to: user, session: session, author: author, id: id)
        }
    }

    private func say(in room: RoomName, session: Session, author: Author, id: String?) {
        guard let local = session.joinedRoom(named: room) else {
            return session.refuse(Session.notMember, re: id, room: room)
        }
        if let objection = session.objection(to: .write, in: local) {
            return session.refuse(objection, re: id, room: room)
        }
        if session.mentionsNobody(in: self.text) {
            return self.append(to: room, local, session: session, author: author, mentions: [], id: id)
        }
        session.resolveMentions(in: self.text) { session, mentions in
            let mentions = mentions.filter { session.mayMention($0, in: room) }
            // Who has left meanwhile is held to what was said when it wrote.
            let local = session.room(named: room) ?? session.loop.rooms[room]
            self.append(to: room, local, session: session, author: author, mentions: mentions, id: id)
        }
    }

    private func say(inDirect room: RoomName, session: Session, author: Author, id: String?) {
        guard let (first, second) = room.participants, room.isDirect(of: author.user) else {
            return session.refuse(FrameError(.forbidden, "not your conversation"), re: id, room: room)
        }
        self.sendDirect(to: first == author.user ? second : first, session: session, author: author, id: id)
    }

    private func sendDirect(to user: UserID, session: Session, author: Author, id: String?) {
        session.resolveMentions(in: self.text) { session, mentions in
            // Nobody else is to learn that they are spoken of.
            let mentions = mentions.filter { $0 == user || $0 == author.user }
            self.sendDirect(to: user, session: session, author: author, mentions: mentions, id: id)
        }
    }

    private func append(
        to room: RoomName, _ local: LocalRoom?, session: Session, author: Author, mentions: [UserID], id: String?
    ) {
        let body = MessageBody.encode(self, room: room, author: author, mentions: mentions)
        let answer = self.answer(to: session, body, mentions, in: room, author: author, id: id)
        session.loop.log.append(
            AppendRequest(
                room: room, author: author.user, body: body, key: self.key, known: local?.knownHead,
                replyTo: self.replyTo, attachment: self.attachment, pace: session.pace(in: local)
            ),
            then: session.loop.expecting(in: local, then: answer)
        )
    }

    /// What is to be done when the message `body` is stored, or not.
    private func answer(
        to session: Session, _ body: ByteBuffer, _ mentions: [UserID], in room: RoomName, author: Author, id: String?
    ) -> (Result<Appended, any Error>) -> Void {
        // What waits for an answer is of several cache lines if it holds what most messages do not have.
        guard !mentions.isEmpty || self.attachment != nil else {
            return { session.appended($0, to: room, id: id, attachment: nil) }
        }
        let attachment = self.attachment
        let mentioned = mentions.filter { $0 != author.user }
        return { result in
            if !mentioned.isEmpty, case .success(let appended) = result {
                session.tell(mentioned, of: LogEntry(body: body, at: appended.position), in: room)
            }
            session.appended(result, to: room, id: id, attachment: attachment)
        }
    }

    // MARK: Direct

    /// The entry goes into the direct room's log, then to the channels of both users; only then it is acknowledged.
    private func sendDirect(
        to user: UserID, session: Session, author: Author, mentions: [UserID], id: String?
    ) {
        guard let room = RoomName.direct(author.user, user) else {
            return session.refuse(FrameError(.badRoom, "that is yourself"), re: id)
        }
        let loop = session.loop
        let body = MessageBody.encode(self, room: room, author: author, mentions: mentions)
        let request = AppendRequest(
            room: room, author: author.user, body: body, key: self.key, known: loop.head(of: room),
            replyTo: self.replyTo, attachment: self.attachment
        )
        let bound = NIOLoopBound(session, eventLoop: loop.eventLoop)
        let boundLoop = NIOLoopBound(loop, eventLoop: loop.eventLoop)
        loop.profiles.recipient(user, from: author.user).flatMap { recipient -> EventLoopFuture<Appended> in
            let loop = boundLoop.value
            switch recipient {
            case .known: return loop.log.append(request, on: loop.eventLoop)
            case .stranger:
                return loop.allows(1, of: .strangers, by: author.user).flatMap { wait in
                    let loop = boundLoop.value
                    guard wait == 0 else { return loop.eventLoop.makeFailedFuture(TooManyStrangers(wait: wait)) }
                    return loop.log.append(request, on: loop.eventLoop)
                }
            case .unknown, .blocking: return loop.eventLoop.makeFailedFuture(NoRecipient(why: recipient))
            }
        }.flatMap { appended -> EventLoopFuture<Appended> in
            let loop = boundLoop.value
            loop.profiles.noteContact(from: author.user, to: user)
            return loop.notifyBoth(of: LogEntry(body: body, at: appended.position), in: room).map { _ in appended }
        }.whenComplete { result in
            let refusal: FrameError
            switch result {
            case .failure(let error as NoRecipient) where error.why == .blocking:
                refusal = FrameError(.forbidden, "you may not write there")
            case .failure(is NoRecipient): refusal = FrameError(.notFound, "there is no such user")
            case .failure(let error as TooManyStrangers):
                let text = "wait until they answer: too many messages to people who have never written to you"
                refusal = FrameError(.rateLimited, text, retryAfter: error.wait)
            default: return bound.value.appended(result, to: room, id: id, attachment: self.attachment)
            }
            if let attachment = self.attachment { bound.value.loop.attachments?.store.discard(attachment.id) }
            bound.value.refuse(refusal, re: id)
        }
    }
}

private struct NoRecipient: Error {
    var why: Recipient
}

private struct TooManyStrangers: Error {
    /// Milliseconds.
    var wait: Int64
}

extension Session {
    fileprivate func appended(
        _ result: Result<Appended, any Error>, to room: RoomName, id: String?, attachment: Attachment?
    ) {
        // An entry that is there already carries what it was stored with.
        if let attachment, (try? result.get().isRepeat) ?? true { self.discard(attachment, after: result) }
        switch result {
        case .success(let appended):
            self.loop.statistics.appends += 1
            self.acknowledge(id, room: room, position: appended.position)
        case .failure(StoreError.noSuchEntry):
            self.refuse(FrameError(.badFrame, "'replyTo' names no entry"), re: id, room: room)
        case .failure(StoreError.tooSoon(let wait)):
            let error = FrameError(.rateLimited, "slow mode: wait before your next message", retryAfter: wait)
            self.refuse(error, re: id, room: room)
        case .failure(StoreError.tooManyAttachments):
            self.refuse(FrameError(.tooMany, "the room's attachments are too many bytes"), re: id, room: room)
        case .failure(StoreError.refused(let reason)):
            self.loop.logger.warning("an append was refused", metadata: ["room": "\(room)", "reason": "\(reason)"])
            self.refuse(FrameError(.unavailable, "the store refused: \(reason)", retryAfter: 1_000), re: id, room: room)
        case .failure(let error):
            self.refuse(FrameError(outcomeUnknown: error), re: id, room: room)
        }
    }

    /// Forgets what no entry carries. When the outcome is unknown one may: then the bytes end by themselves, or stay.
    private func discard(_ attachment: Attachment, after result: Result<Appended, any Error>) {
        if case .failure(StoreError.unavailable) = result { return }
        self.loop.attachments?.store.discard(attachment.id)
    }
}

extension SessionLoop {
    /// Tells all sessions of a direct room's two users of an entry in it.
    func notifyBoth(of entry: LogEntry, in room: RoomName) -> EventLoopFuture<Void> {
        guard let (one, other) = room.participants else { return self.eventLoop.makeSucceededVoidFuture() }
        return self.log.notify(one, of: entry, in: room).and(self.log.notify(other, of: entry, in: room)).map { _ in }
    }

    /// The last position this loop has seen in a room.
    func head(of room: RoomName) -> Position? {
        self.rooms[room]?.knownHead
    }
}

extension LogEntry {
    /// The entry as the store wrote it: what it put in front, and the body.
    init(body: ByteBuffer, at position: Position) {
        var json = ByteBuffer(
            string: "{\"offset\":\(position.offset),\"epoch\":\"\(position.epoch)\",\"at\":\(position.at),"
        )
        json.writeImmutableBuffer(body)
        self.init(offset: position.offset, at: position.at, json: json)
    }
}
