import ChatProtocol
import NIOCore

extension ShowModeration: SessionCommand {
    func run(in session: Session, id: String?) {
        session.review(self.room, id: id) { session, policy in
            guard let policy else { return session.loop.policies.bans() }
            return session.loop.eventLoop.makeSucceededFuture(policy.items)
        } _: { session, items in
            session.tell(.moderation(ModerationPage(re: id, room: self.room, of: items, after: self.after)))
        }
    }
}

extension ShowAudit: SessionCommand {
    func run(in session: Session, id: String?) {
        session.review(self.room, id: id) { session, _ in
            session.loop.policies.audit(of: self.room, before: self.before, limit: self.limit)
        } _: { session, page in
            var page = page
            page.re = id
            session.tell(.audit(page))
        }
    }
}

extension Session {
    /// Reads what only moderators may see of a room, or only operators of the cluster.
    fileprivate func review<Value: Sendable>(
        _ room: RoomName?, id: String?,
        read: @escaping @Sendable (Session, RoomPolicy?) -> EventLoopFuture<Value>,
        _ answer: @escaping @Sendable (Session, Value) -> Void
    ) {
        guard let identity else { return }
        let bound = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
        let allowed: EventLoopFuture<RoomPolicy?>
        if let room {
            guard self.mayModerate(room, re: id) else { return }
            allowed = self.loop.policies.policy(of: room).flatMapThrowing { reading in
                let permissions = Permissions(
                    of: identity.user, isOperator: identity.isOperator, under: reading.policy, at: reading.at)
                if let objection = permissions.objection(to: .review) { throw objection }
                return reading.policy
            }
        } else {
            guard self.mayOperate(re: id), self.paces(moderating: id) else { return }
            allowed = self.loop.eventLoop.makeSucceededFuture(nil)
        }
        allowed.flatMap { read(bound.value, $0) }.whenComplete { result in
            switch result {
            case .success(let value): answer(bound.value, value)
            case .failure(let error as FrameError): bound.value.refuse(error, re: id, room: room)
            case .failure(let error): bound.value.refuse(FrameError(unavailable: error), re: id, room: room)
            }
        }
    }

    /// Whether the session may see to the whole cluster; refuses it otherwise.
    func mayOperate(re id: String?) -> Bool {
        guard self.identity?.isOperator != true else { return true }
        self.refuse(FrameError(.forbidden, "only an operator of the cluster may do that: name a 'room'"), re: id)
        return false
    }
}
