import ChatProtocol
import NIOCore

extension Kick: SessionCommand {
    func run(in session: Session, id: String?) {
        session.moderate(self.room, .kick(self.user, reason: self.reason), id: id)
    }
}

extension Ban: SessionCommand {
    func run(in session: Session, id: String?) {
        guard let room = self.room else {
            return session.setClusterBan(of: self.user, reason: self.reason, duration: self.duration, id: id)
        }
        session.moderate(room, .ban(self.user, reason: self.reason, duration: self.duration), id: id)
    }
}

extension Unban: SessionCommand {
    func run(in session: Session, id: String?) {
        guard let room = self.room else { return session.endClusterBan(of: self.user, id: id) }
        session.moderate(room, .unban(self.user), id: id)
    }
}

extension Mute: SessionCommand {
    func run(in session: Session, id: String?) {
        session.moderate(self.room, .mute(self.user, reason: self.reason, duration: self.duration), id: id)
    }
}

extension Unmute: SessionCommand {
    func run(in session: Session, id: String?) {
        session.moderate(self.room, .unmute(self.user), id: id)
    }
}

extension GrantRole: SessionCommand {
    func run(in session: Session, id: String?) {
        session.moderate(self.room, .appoint(self.user, self.role), id: id)
    }
}

extension Invite: SessionCommand {
    func run(in session: Session, id: String?) {
        session.moderate(self.room, .invite(self.user), id: id)
    }
}

extension Uninvite: SessionCommand {
    func run(in session: Session, id: String?) {
        session.moderate(self.room, .uninvite(self.user), id: id)
    }
}

extension SetTopic: SessionCommand {
    func run(in session: Session, id: String?) {
        session.moderate(self.room, .topic(self.topic), id: id)
    }
}
