import ChatProtocol
import NIOCore

extension Settings: SessionCommand {
    func run(in session: Session, id: String?) {
        guard let identity = session.identity else { return }
        let profiles = session.loop.profiles
        let stored =
            self.showsReading.map { profiles.setShowsReading($0, of: identity.user) }
            ?? session.loop.eventLoop.makeSucceededVoidFuture()
        let bound = NIOLoopBound(session, eventLoop: session.loop.eventLoop)
        stored.flatMap { bound.value.loop.learnProfile(of: identity.user) }.whenComplete { result in
            switch result {
            case .success(let profile):
                bound.value.tell(.settings(re: id, showsReading: profile.showsReading))
            case .failure(let error): bound.value.refuse(FrameError(unavailable: error), re: id)
            }
        }
    }
}
