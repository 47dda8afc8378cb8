import ChatProtocol
import NIOCore

extension Configure: SessionCommand {
    func run(in session: Session, id: String?) {
        let act = RoomAct.configure(
            access: self.access, isAnnouncement: self.isAnnouncement, slowMode: self.slowMode)
        guard act.rights.isEmpty else {
            return session.moderate(self.room, act, id: id) { $0.tellSettings(of: self.room, re: id) }
        }
        // It only asks.
        guard session.mayModerate(self.room, re: id) else { return }
        session.tellSettings(of: self.room, re: id)
    }
}

extension Session {
    /// Answers with how a room is set up, if the session may know.
    fileprivate func tellSettings(of room: RoomName, re: String?) {
        guard let identity else { return }
        let bound = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
        self.loop.policies.policy(of: room).whenComplete { result in
            let session = bound.value
            switch result {
            case .success(let reading):
                let permissions = Permissions(
                    of: identity.user, isOperator: identity.isOperator, under: reading.policy, at: reading.at)
                if let objection = permissions.objection(to: .read) {
                    return session.refuse(objection, re: re, room: room)
                }
                let role = reading.policy.role(of: identity.user)
                session.tell(.room(RoomInfo(re: re, room: room, settings: reading.policy.settings, role: role)))
            case .failure(let error): session.refuse(FrameError(unavailable: error), re: re, room: room)
            }
        }
    }
}
