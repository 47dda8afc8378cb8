import ChatProtocol
import NIOCore

extension Edit: SessionCommand {
    func run(in session: Session, id: String?) {
        var edit = self
        do throws(FrameError) {
            edit.text = try MessageText.normalise(self.text, limit: session.loop.settings.limits.textBytes)
        } catch {
            return session.refuse(error, re: id)
        }
        edit.change(in: session, id: id)
    }

    /// The text is as it will be stored.
    private func change(in session: Session, id: String?) {
        // Who may not edit here is not answered later than others, nor has anybody looked up.
        if let objection = session.objection(to: .write, in: self.room) {
            return session.refuse(objection, re: id, room: self.room)
        }
        session.resolveMentions(in: self) { session, mentions in
            let (all, new) = (
                mentions.all.filter { session.mayMention($0, in: self.room) },
                mentions.new.filter { session.mayMention($0, in: self.room) }
            )
            session.change(self.room, target: self.target, kind: .edit, id: id, mentions: new) { author in
                ChangeBody.encode(self, author: author, mentions: all)
            }
        }
    }
}

extension Delete: SessionCommand {
    func run(in session: Session, id: String?) {
        session.change(self.room, target: self.target, kind: .delete, id: id) { author in
            ChangeBody.encode(self, author: author)
        }
    }
}

extension React: SessionCommand {
    func run(in session: Session, id: String?) {
        let kind = ChangeRequest.Kind.react(emoji: self.emoji, on: self.isOn)
        session.change(self.room, target: self.target, kind: kind, id: id) { author in
            ChangeBody.encode(self, author: author)
        }
    }
}

extension Session {
    /// Stores what changes a message; in a direct room both users are told before it is acknowledged.
    ///
    /// - Parameter mentions: who is told of it when it is stored.
    fileprivate func change(
        _ room: RoomName, target: UInt64, kind: ChangeRequest.Kind, id: String?, mentions: [UserID] = [],
        body: (Author) -> ByteBuffer
    ) {
        if let objection = self.objection(to: kind.right, in: room) {
            return self.refuse(objection, re: id, room: room)
        }
        guard let author else { return }
        let loop = self.loop
        let request = ChangeRequest(
            room: room, author: author.user, kind: kind, target: target, body: body(author),
            mayChangeOthers: self.mayChangeOthers(in: room, by: kind), authorName: author.name.string,
            known: loop.head(of: room)
        )
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let boundLoop = NIOLoopBound(loop, eventLoop: loop.eventLoop)
        self.checkBlocking(in: room, of: author.user, kind).flatMap { _ -> EventLoopFuture<Changed> in
            boundLoop.value.log.change(request)
        }.flatMap { changed -> EventLoopFuture<Changed> in
            let loop = boundLoop.value
            guard room.isDirect, let position = changed.position else {
                return loop.eventLoop.makeSucceededFuture(changed)
            }
            return loop.notifyBoth(of: LogEntry(body: request.body, at: position), in: room).map { _ in changed }
        }.whenComplete { result in
            if case .success(let changed) = result, let position = changed.position {
                let others = mentions.filter { $0 != request.author }
                bound.value.tell(others, of: LogEntry(body: request.body, at: position), in: room)
            }
            bound.value.changed(result, in: room, id: id)
        }
    }

    /// Who is blocked says nothing more in a direct room, by an edit or a reaction neither; taking back is no saying.
    private func checkBlocking(
        in room: RoomName, of author: UserID, _ kind: ChangeRequest.Kind
    ) -> EventLoopFuture<Void> {
        guard let (one, other) = room.participants, kind != .delete else {
            return self.loop.eventLoop.makeSucceededVoidFuture()
        }
        return self.loop.profiles.recipient(one == author ? other : one, from: author).flatMapThrowing { recipient in
            guard recipient != .blocking else { throw IsBlocked() }
        }
    }

    private func changed(_ result: Result<Changed, any Error>, in room: RoomName, id: String?) {
        switch result {
        case .success(let changed):
            if changed.position != nil { self.loop.statistics.appends += 1 }
            self.acknowledge(id, room: room, position: changed.position)
        case .failure(is IsBlocked):
            self.refuse(FrameError(.forbidden, "you may not write there"), re: id, room: room)
        case .failure(StoreError.noSuchEntry):
            self.refuse(FrameError(.notFound, "there is no such message"), re: id, room: room)
        case .failure(StoreError.notYours):
            self.refuse(FrameError(.forbidden, "the message is somebody else's"), re: id, room: room)
        case .failure(StoreError.tooManyChanges):
            self.refuse(FrameError(.tooMany, "the message has too many edits or reactions"), re: id, room: room)
        case .failure(StoreError.refused(let reason)):
            self.refuse(FrameError(.unavailable, "the store refused: \(reason)", retryAfter: 1_000), re: id, room: room)
        case .failure(let error):
            self.refuse(FrameError(unavailable: error), re: id, room: room)
        }
    }
}

extension ChangeRequest.Kind {
    fileprivate var right: RoomRight {
        switch self {
        case .edit: .write
        case .delete: .retract
        case .react: .react
        }
    }
}

private struct IsBlocked: Error {}
