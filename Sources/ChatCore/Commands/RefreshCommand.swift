import ChatProtocol
import NIOCore

extension Refresh: SessionCommand {
    func run(in session: Session, id: String?) {
        guard let known = session.identity, let identity = session.loop.identities.verify(self.token),
            identity.user == known.user
        else { return session.refuse(FrameError(.unauthorized, "the token is not valid for this session"), re: id) }
        let bound = NIOLoopBound(session, eventLoop: session.loop.eventLoop)
        session.loop.isCurrent(identity).whenComplete { result in
            switch result {
            case .success(true):
                bound.value.refreshed(identity)
                if let id { bound.value.tell(.ack(Ack(re: id, expiresAt: identity.expiresAt))) }
            case .success(false):
                bound.value.refuse(FrameError(.unauthorized, "the user has logged out"), re: id)
            case .failure(let error):
                bound.value.refuse(FrameError(unavailable: error), re: id)
            }
        }
    }
}
