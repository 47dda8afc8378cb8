import ChatProtocol
import NIOCore

extension Read: SessionCommand {
    func run(in session: Session, id: String?) {
        guard let identity = session.identity else { return }
        if let objection = session.objection(to: .read, in: self.room) {
            return session.refuse(objection, re: id, room: self.room)
        }
        let bound = NIOLoopBound(session, eventLoop: session.loop.eventLoop)
        session.loop.conversations.read(self.room, upTo: self.offset, by: identity.user).whenComplete { result in
            let session = bound.value
            switch result {
            case .success(.moved):
                session.loop.hub?.read(self.room, user: identity.user, offset: self.offset)
                session.acknowledge(id, room: self.room)
            case .success(.unchanged):
                session.acknowledge(id, room: self.room)
            case .success(.beyondHead):
                session.refuse(FrameError(.badFrame, "'offset' is beyond the last entry"), re: id, room: self.room)
            case .failure(let error):
                session.refuse(FrameError(unavailable: error), re: id, room: self.room)
            }
        }
    }
}
