import ChatProtocol

extension Leave: SessionCommand {
    func run(in session: Session, id: String?) {
        guard session.leave(self.room) else {
            return session.refuse(FrameError(.notMember, "not in this room"), re: id, room: self.room)
        }
        session.acknowledge(id, room: self.room)
    }
}
