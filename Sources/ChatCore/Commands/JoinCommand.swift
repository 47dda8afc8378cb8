import ChatProtocol

extension Join: SessionCommand {
    func run(in session: Session, id: String?) {
        if let wait = session.waitBeforeJoin() {
            let error = FrameError(.rateLimited, "too many joins", retryAfter: wait)
            return session.refuse(error, re: id, room: self.room)
        }
        session.join(self, re: id)
    }
}
