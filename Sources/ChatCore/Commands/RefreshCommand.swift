import ChatProtocol
import NIOCore

extension Refresh: SessionCommand {
    func run(in session: Session, id: String?) {
        guard let known = session.identity else { return }
        let bound = NIOLoopBound(session, eventLoop: session.loop.eventLoop)
        let proof = session.loop.identities.verify(self.token, on: session.loop.eventLoop)
        proof.flatMap { identity -> EventLoopFuture<Identity> in
            let loop = bound.value.loop
            guard identity.user == known.user else {
                return loop.eventLoop.makeFailedFuture(InvalidToken("the token is another user's"))
            }
            return loop.isCurrent(identity).flatMapThrowing { isCurrent in
                guard isCurrent else { throw InvalidToken("the user has logged out") }
                return identity
            }
        }.whenComplete { result in
            switch result {
            case .success(let identity):
                bound.value.refreshed(identity)
                if let id { bound.value.tell(.ack(Ack(re: id, expiresAt: identity.expiresAt))) }
            case .failure(let error as InvalidToken):
                bound.value.refuse(FrameError(.unauthorized, error.reason), re: id)
            case .failure(let error):
                bound.value.refuse(FrameError(unavailable: error), re: id)
            }
        }
    }
}
