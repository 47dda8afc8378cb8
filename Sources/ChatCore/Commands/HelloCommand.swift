import ChatProtocol

extension Hello: SessionCommand {
    func run(in session: Session, id: String?) {
        session.hello(self, re: id)
    }
}
