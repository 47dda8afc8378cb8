import ChatProtocol
import NIOCore

extension Nick: SessionCommand {
    func run(in session: Session, id: String?) {
        guard let identity = session.identity else { return }
        let bound = NIOLoopBound(session, eventLoop: session.loop.eventLoop)
        session.loop.directory.rename(identity.user, from: identity.name, to: self.name).whenComplete { result in
            let session = bound.value
            switch result {
            case .success(true):
                session.loop.hub?.renamed(identity.user, to: self.name)
                session.renamed(self.name)
                session.acknowledge(id)
            case .success(false):
                session.refuse(FrameError(.nameTaken, "somebody else is called that"), re: id)
            case .failure(let error):
                session.refuse(FrameError(unavailable: error), re: id)
            }
        }
    }
}
