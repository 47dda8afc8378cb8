import ChatProtocol

extension Join: SessionCommand {
    func run(in session: Session, id: String?) {
        session.join(self, re: id)
    }
}
