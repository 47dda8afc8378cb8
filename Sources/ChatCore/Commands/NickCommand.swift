import ChatProtocol
import NIOCore

extension Nick: SessionCommand {
    func run(in session: Session, id: String?) {
        guard let user = session.identity?.user else { return }
        let bound = NIOLoopBound(session, eventLoop: session.loop.eventLoop)
        session.naming.turn { () -> EventLoopFuture<Bool> in
            let session = bound.value
            // By now a change that was asked for before has been made.
            guard let identity = session.identity else {
                return session.loop.eventLoop.makeFailedFuture(StoreError.unavailable("the session has ended"))
            }
            return session.loop.allows(1, of: .renames, by: user).flatMap { wait in
                let loop = bound.value.loop
                guard wait == 0 else { return loop.eventLoop.makeFailedFuture(TooManyRenames(wait: wait)) }
                return loop.directory.rename(identity.user, from: identity.name, to: self.name)
            }
        } _: { result in
            let session = bound.value
            switch result {
            case .success(true):
                // Even if the session has ended: the name is reserved.
                session.loop.hub?.renamed(user, to: self.name)
                session.renamed(self.name)
                session.acknowledge(id)
            case .success(false):
                session.refuse(FrameError(.nameTaken, "somebody else is called that"), re: id)
            case .failure(let error as TooManyRenames):
                let text = "keep your name for a while: too many changes of it"
                session.refuse(FrameError(.rateLimited, text, retryAfter: error.wait), re: id)
            case .failure(let error):
                session.refuse(FrameError(unavailable: error), re: id)
            }
        }
    }
}

private struct TooManyRenames: Error {
    /// Milliseconds.
    var wait: Int64
}
