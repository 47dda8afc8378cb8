import ChatProtocol

extension Leave: SessionCommand {
    func run(in session: Session, id: String?) {
        if self.room.isDirect, let objection = session.objection(to: .read, in: self.room) {
            return session.refuse(objection, re: id, room: self.room)
        }
        guard session.leave(self.room) else {
            return session.refuse(FrameError(.notMember, "not in this room"), re: id, room: self.room)
        }
        if let user = session.identity?.user, !self.room.isDirect {
            session.loop.conversations.leave(self.room, by: user)
        }
        session.acknowledge(id, room: self.room)
    }
}
