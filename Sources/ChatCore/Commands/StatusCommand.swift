import ChatProtocol
import NIOCore

extension SetStatus: SessionCommand {
    func run(in session: Session, id: String?) {
        guard let identity = session.identity else { return }
        let bound = NIOLoopBound(session, eventLoop: session.loop.eventLoop)
        session.loop.profiles.setStatus(self.status, of: identity.user).whenComplete { result in
            switch result {
            case .success: bound.value.acknowledge(id)
            case .failure(let error): bound.value.refuse(FrameError(unavailable: error), re: id)
            }
        }
    }
}
