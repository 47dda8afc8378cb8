import ChatProtocol

extension Typing: SessionCommand {
    func run(in session: Session, id: String?) {
        guard let identity = session.identity else { return }
        if let objection = session.objection(to: .write, in: self.room) {
            return session.refuse(objection, re: id, room: self.room)
        }
        session.loop.hub?.typing(self.room, user: identity.user, isOn: self.isOn)
        session.acknowledge(id, room: self.room)
    }
}
