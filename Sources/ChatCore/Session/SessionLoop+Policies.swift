import ChatProtocol

/// What a loop does with what the hub tells of rooms' policies.
extension SessionLoop {
    /// From now on this is a room's policy. Who is in the room and has another role under it is told; who comes to it now is
    /// told with `joined`.
    func take(_ policy: RoomPolicy, of name: RoomName) {
        guard let room = self.rooms[name] else { return }
        let former = room.policy
        room.policy = policy
        for user in Set(former[.roles].keys).union(policy[.roles].keys)
        where former.role(of: user) != policy.role(of: user) {
            let info = RoomInfo(room: name, settings: policy.settings, role: policy.role(of: user))
            for session in self.users[user] ?? [] where session.isIn(room) { session.tell(.room(info)) }
        }
    }

    /// A user may no longer be in a room.
    func remove(_ user: UserID, from name: RoomName, reason: String?) {
        for session in self.users[user] ?? [] { session.removed(from: name, reason: reason) }
    }

    /// A user was banned from the cluster. One whose `hello` is being answered has no place among the users yet.
    func ban(_ user: UserID, reason: String?) {
        for session in self.sessions where session.identity?.user == user { session.banned(reason: reason) }
    }
}
