import ChatProtocol

/// What a session may do: the rules are those of ``Permissions``, applied to what the session's loop knows of a room.
extension Session {
    /// Why this session may not do something in a room that it has to be in; `nil` when it may.
    func objection(to right: RoomRight, in room: RoomName) -> FrameError? {
        guard !room.isDirect else {
            guard let identity else { return Self.notMember }
            return room.isDirect(of: identity.user) ? nil : FrameError(.forbidden, "not your conversation")
        }
        guard let local = self.joinedRoom(named: room) else { return Self.notMember }
        return self.objection(to: right, in: local)
    }

    /// The same in a room that is not direct and that it is in.
    func objection(to right: RoomRight, in room: LocalRoom) -> FrameError? {
        // Nearly always there is nothing to look at: a message costs no more for it.
        guard let policy = room.speechPolicy else { return nil }
        guard let identity else { return Self.notMember }
        return self.permissions(of: identity, under: policy).objection(to: right)
    }

    /// A room that this session has joined.
    func joinedRoom(named name: RoomName) -> LocalRoom? {
        for membership in self.memberships where membership.isJoined && membership.room.name == name {
            return membership.room
        }
        return nil
    }

    /// A room that this session is in. A session is in few: looking among those costs less than among all of the loop.
    func room(named name: RoomName) -> LocalRoom? {
        self.memberships.firstIndex { $0.room.name == name }.map { self.memberships[$0].room }
    }

    static let notMember = FrameError(.notMember, "join the room first")

    /// Whether the user may take back what others wrote.
    func mayChangeOthers(in name: RoomName, by kind: ChangeRequest.Kind) -> Bool {
        guard kind == .delete, let identity, let room = self.loop.rooms[name], !name.isDirect else { return false }
        return self.permissions(of: identity, under: room.policy).allows(.retractOthers)
    }

    /// Milliseconds that have to be between two messages of this user in a room; `nil`: any number may follow each other.
    func pace(in room: LocalRoom?) -> Int64? {
        guard let policy = room?.speechPolicy, let identity else { return nil }
        return self.permissions(of: identity, under: policy).pace
    }

    /// Whether what the user proved to be lets them into a room at all.
    func objection(ofScopeTo room: RoomName) -> FrameError? {
        guard let scope = self.identity?.scope, !room.isDirect, !scope.contains(room) else { return nil }
        return FrameError(.forbidden, "your token does not let you into this room")
    }

    /// Whether a user may be mentioned in a room: who may not read there is not told what is said.
    func mayMention(_ user: UserID, in name: RoomName) -> Bool {
        guard !name.isDirect else { return name.isDirect(of: user) }
        guard let policy = self.loop.rooms[name]?.policy else { return true }
        return Permissions(of: user, isOperator: false, under: policy, at: self.now).allows(.read)
    }

    func permissions(of identity: Identity, under policy: RoomPolicy) -> Permissions {
        Permissions(of: identity.user, isOperator: identity.isOperator, under: policy, at: self.now)
    }

    /// Milliseconds by Redis's clock.
    private var now: Int64 { WallClock.milliseconds() + self.loop.clockSkew }
}
