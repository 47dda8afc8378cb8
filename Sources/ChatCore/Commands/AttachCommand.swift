import ChatProtocol
import NIOCore

extension Attach {
    /// Stores the bytes, then sends the message that carries them.
    func run(in session: Session, id: String?) {
        let loop = session.loop
        guard let attachments = loop.attachments, loop.settings.limits.attachmentBytes > 0 else {
            return session.refuse(FrameError(.unsupported, "this node does not take attachments"), re: id)
        }
        do throws(FrameError) {
            try self.check(limits: loop.settings.limits)
        } catch {
            return session.refuse(error, re: id)
        }
        guard let room = session.room(for: self.send.destination, re: id) else { return }
        if let wait = session.attachmentLimiter.allow(
            now: NIODeadline.now().uptimeNanoseconds, perSecond: 1, burst: Limits.attachmentBurst)
        {
            let error = FrameError(.rateLimited, "too many attachments", retryAfter: Int64(wait / 1_000_000) + 1)
            return session.refuse(error, re: id, room: room)
        }
        var send = self.send
        let attachment = Attachment(
            id: AttachmentID(in: room), type: ContentType(of: self.bytes, claim: self.mediaType), name: self.name,
            size: self.bytes.readableBytes
        )
        send.attachment = attachment
        let message = send
        let loopOfSession = loop.eventLoop
        let bound = NIOLoopBound(session, eventLoop: loopOfSession)
        guard let user = session.identity?.user else { return }
        let bytes = self.bytes
        session.beginUpload()
        loop.allows((bytes.readableBytes + 1_023) / 1_024, of: .uploads, by: user).flatMapThrowing { wait in
            guard wait == 0 else {
                throw FrameError(.rateLimited, "too many bytes of attachments", retryAfter: wait)
            }
        }.flatMap {
            attachments.store.store(bytes, of: attachment).hop(to: loopOfSession)
        }.whenComplete { result in
            let session = bound.value
            switch result {
            case .success:
                var message = message
                message.run(in: session, id: id)
            case .failure(let error as FrameError): session.refuse(error, re: id, room: room)
            case .failure(let error): session.refuse(FrameError(unavailable: error), re: id, room: room)
            }
            session.endUpload()
        }
    }

    private func check(limits: Limits) throws(FrameError) {
        guard self.bytes.readableBytes <= limits.attachmentBytes else {
            throw FrameError(.tooLarge, "an attachment may have \(limits.attachmentBytes) bytes at most")
        }
        // Only to refuse it before the bytes are stored; what is stored of the text is made when it is sent.
        if !self.send.text.isEmpty { _ = try MessageText.normalise(self.send.text, limit: limits.textBytes) }
    }
}

extension Session {
    /// The room that something is to be said in; `nil` when it was refused.
    fileprivate func room(for destination: Send.Destination, re: String?) -> RoomName? {
        guard let user = self.identity?.user else { return nil }
        switch destination {
        case .room(let room):
            guard let objection = self.objection(to: .write, in: room) else { return room }
            self.refuse(objection, re: re, room: room)
        case .user(let other):
            if let room = RoomName.direct(user, other) { return room }
            self.refuse(FrameError(.badRoom, "that is yourself"), re: re)
        }
        return nil
    }

    // MARK: One upload after the other

    /// From now on frames wait, so that what a session sends is stored in the order sent.
    fileprivate func beginUpload() {
        self.uploadQueue = []
    }

    fileprivate func endUpload() {
        let waiting = self.uploadQueue ?? []
        self.uploadQueue = nil
        for frame in waiting { self.run(frame) }
    }

    /// Keeps a frame that came in during an upload.
    ///
    /// - Returns: whether it waits, or was refused because too many do. One other upload may wait.
    func waitsForUpload(_ frame: ClientFrame) -> Bool {
        guard let queue = self.uploadQueue else { return false }
        guard queue.hasRoom(for: frame) else {
            self.refuse(FrameError(.tooMany, "too many frames during an upload"), re: frame.id)
            return true
        }
        self.uploadQueue?.append(frame)
        return true
    }
}
