import ChatProtocol
import NIOCore

/// Bans from the whole cluster, by its operators.
extension Session {
    func setClusterBan(of user: UserID, reason: String?, duration: Int64?, id: String?) {
        guard let identity, self.mayOperate(re: id), self.paces(moderating: id) else { return }
        guard user != identity.user else {
            return self.refuse(FrameError(.forbidden, "nobody does that to themself"), re: id)
        }
        let policies = self.loop.policies
        let bound = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
        policies.target(user).and(policies.now()).flatMapThrowing { target, now -> (String, Int64) in
            guard let name = target.name else { throw FrameError(.notFound, "there is no such user") }
            guard !target.isOperator else {
                throw FrameError(.forbidden, "nobody may act against an operator of the cluster")
            }
            return (name, now)
        }.flatMap { name, now -> EventLoopFuture<Bool> in
            let by = NamedUser(id: identity.user, name: identity.name.string)
            let ban = RoomPolicy.Record(
                name: name, by: by, at: now, until: duration.map { now + $0 }, reason: reason)
            var audit = identity.audit(of: "ban", user, name)
            if let reason { audit.append(.init("reason", reason)) }
            if let until = ban.until { audit.append(.init("until", String(until))) }
            return bound.value.loop.policies.setBan(ban, of: user, audit: audit)
        }.whenComplete { bound.value.clusterBanSet($0, id: id) }
    }

    func endClusterBan(of user: UserID, id: String?) {
        guard let identity, self.mayOperate(re: id), self.paces(moderating: id) else { return }
        let bound = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
        self.loop.policies.target(user).flatMap { target -> EventLoopFuture<Bool> in
            let audit = identity.audit(of: "unban", user, target.name ?? user.string)
            return bound.value.loop.policies.setBan(nil, of: user, audit: audit)
        }.whenComplete { bound.value.clusterBanSet($0, id: id) }
    }

    private func clusterBanSet(_ result: Result<Bool, any Error>, id: String?) {
        switch result {
        case .success(true): self.acknowledge(id)
        case .success(false): self.refuse(FrameError(.notFound, "the user is not banned"), re: id)
        case .failure(let error as FrameError): self.refuse(error, re: id)
        case .failure(let error): self.refuse(FrameError(unavailable: error), re: id)
        }
    }
}

extension Identity {
    fileprivate func audit(of act: String, _ user: UserID, _ name: String) -> [PolicyChange.AuditField] {
        [
            .init("act", act), .init("by", self.user.string), .init("byName", self.name.string),
            .init("operator", "1"), .init("user", user.string), .init("name", name),
        ]
    }
}
