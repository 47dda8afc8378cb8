import ChatProtocol
import NIOCore

extension Who: SessionCommand {
    func run(in session: Session, id: String?) {
        let loop = session.loop
        let page: EventLoopFuture<OnlinePage>
        if let room = self.room {
            guard !room.isDirect else {
                return session.refuse(FrameError(.forbidden, "a direct room has no list"), re: id, room: room)
            }
            guard let asker = session.asker(about: room) else { return }
            if let objection = session.objection(ofScopeTo: room) {
                return session.refuse(objection, re: id, room: room)
            }
            let promise = loop.eventLoop.makePromise(of: OnlinePage.self)
            guard let hub = loop.hub else { return promise.fail(StoreError.unavailable("the node is stopping")) }
            hub.members(of: room, for: asker, after: self.after, limit: self.limit, promise: promise)
            page = promise.futureResult
        } else {
            page = loop.directory.online(after: self.after, limit: self.limit)
        }
        let bound = NIOLoopBound(session, eventLoop: loop.eventLoop)
        page.whenComplete { result in
            switch result {
            case .success(let page): bound.value.tell(.members(self.answer(page, re: id)))
            case .failure(let error as FrameError): bound.value.refuse(error, re: id, room: self.room)
            case .failure(let error): bound.value.refuse(FrameError(unavailable: error), re: id, room: self.room)
            }
        }
    }

    private func answer(_ page: OnlinePage, re: String?) -> Members {
        Members(
            re: re,
            room: self.room,
            members: page.users.map { Member($0) },
            count: page.count,
            isApproximate: page.isApproximate,
            after: page.next
        )
    }
}

extension Session {
    fileprivate func asker(about room: RoomName) -> Asker? {
        self.identity.map {
            Asker(user: $0.user, isOperator: $0.isOperator, isMember: self.isMember(of: room))
        }
    }
}
