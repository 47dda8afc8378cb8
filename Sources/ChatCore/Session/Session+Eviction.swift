import ChatProtocol

/// Memberships that end without the session's doing.
extension Session {
    /// The user may no longer be in a room.
    func removed(from name: RoomName, reason: String?) {
        // A session that operates the cluster may be in every room.
        guard let identity, !identity.isOperator else { return }
        self.evict(from: name, reason: reason, identity: identity)
    }

    /// Leaves the rooms that the session's token no longer lets it into: it has another scope, or is no operator's.
    func leaveForbiddenRooms() {
        guard let identity else { return }
        for room in self.memberships.map(\.room) where !room.name.isDirect {
            let permissions = self.permissions(of: identity, under: room.policy)
            guard self.objection(ofScopeTo: room.name) != nil || !permissions.allows(.enter) else { continue }
            self.evict(from: room.name, reason: "the token no longer lets you into this room", identity: identity)
        }
    }

    private func evict(from name: RoomName, reason: String?, identity: Identity) {
        guard let index = self.memberships.firstIndex(where: { $0.room.name == name }) else { return }
        // Of one that is entering the hub decides with what it knows by now.
        if case .entering = self.memberships[index].stage { return }
        let membership = self.memberships.remove(at: index)
        self.drop(membership, wasLost: false, identity: identity)
        self.loop.conversations.leave(name, by: identity.user)
        self.tell(.kicked(room: name, reason: reason))
        for frame in membership.waiting { self.run(frame) }
    }

    /// A `join` whose answer came when the session had been removed from the room.
    func refuseAfterRemoval(_ re: String?, _ room: RoomName) {
        if case .ended = self.phase { return }
        self.refuse(FrameError(.forbidden, "you were removed from this room"), re: re, room: room)
        self.answeredResume()
    }

    /// The user was banned from the cluster.
    func banned(reason: String?) {
        guard let identity, !identity.isOperator else { return }
        self.tell(.error(re: nil, room: nil, FrameError(bannedFor: reason)))
        self.close(.banned, reason: "banned")
    }
}

extension FrameError {
    /// What one is told who is banned from the whole cluster.
    init(bannedFor reason: String?) {
        self.init(.forbidden, "you are banned from this server" + (reason.map { ": \($0)" } ?? ""))
    }
}
