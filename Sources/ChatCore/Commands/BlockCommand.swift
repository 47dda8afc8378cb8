import ChatProtocol
import NIOCore

extension Block: SessionCommand {
    func run(in session: Session, id: String?) {
        session.setBlocked(true, self.user, re: id)
    }
}

extension Unblock: SessionCommand {
    func run(in session: Session, id: String?) {
        session.setBlocked(false, self.user, re: id)
    }
}

extension Session {
    fileprivate func setBlocked(_ isBlocked: Bool, _ user: UserID, re id: String?) {
        guard let identity = self.identity else { return }
        guard user != identity.user else {
            return self.refuse(FrameError(.badFrame, "that is yourself"), re: id)
        }
        let bound = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
        self.loop.profiles.setBlocked(isBlocked, user, by: identity.user).whenComplete { result in
            switch result {
            case .success(true):
                // It is stored, whether or not this node could read it again.
                bound.value.loop.learnProfile(of: identity.user).whenComplete { _ in bound.value.acknowledge(id) }
            case .success(false):
                bound.value.refuse(FrameError(.tooMany, "too many users are blocked: unblock some first"), re: id)
            case .failure(let error): bound.value.refuse(FrameError(unavailable: error), re: id)
            }
        }
    }
}

/// Whom the user has blocked.
struct Blocked: SessionCommand {
    init(_ fields: FrameFields) throws(FrameError) {}

    func run(in session: Session, id: String?) {
        guard let identity = session.identity else { return }
        let bound = NIOLoopBound(session, eventLoop: session.loop.eventLoop)
        session.loop.profiles.profile(of: identity.user).whenComplete { result in
            switch result {
            case .success(let profile):
                let users = profile.blocked.sorted { $0.string < $1.string }
                bound.value.tell(.blocked(re: id, users: users))
            case .failure(let error): bound.value.refuse(FrameError(unavailable: error), re: id)
            }
        }
    }
}
