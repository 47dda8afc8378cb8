import ChatProtocol

/// Who may do what: the one place that decides.
extension Session {
    /// Why this session may not say or read anything in a room; `nil` when it may.
    func objection(toUsing room: RoomName) -> FrameError? {
        if let user = self.identity?.user, room.isDirect, !room.isDirect(of: user) {
            return FrameError(.forbidden, "not your conversation")
        }
        guard self.isMember(of: room) else { return FrameError(.notMember, "join the room first") }
        return nil
    }

    /// Whether the user may change what others wrote. Nobody may, as yet: a message is its author's.
    func mayChangeOthers(in room: RoomName, by kind: ChangeRequest.Kind) -> Bool {
        false
    }
}
