import ChatProtocol
import NIOCore

/// Who writes, and who has read what: told to whoever it concerns, on all nodes, and kept nowhere.
extension RoomHub {
    /// In rooms with more members than this nobody is shown what others have read: every message would be answered by as
    /// many events as there are members, to all of them.
    static let readMarkerMembers = 50
    /// In rooms with more members than this nobody is shown who writes.
    static let typingMembers = 200

    // MARK: Reading

    /// A user has read further than before.
    func read(_ room: RoomName, user: UserID, offset: UInt64) {
        let event = Event.read(room: room, user: user, offset: offset)
        self.presenceStore.publish(event, to: .user(user))
        guard self.users[user]?.profile.showsReading != false, let audience = self.audience(of: room, without: user)
        else { return }
        if !room.isDirect, self.rooms[room]?.presence.count ?? 0 > Self.readMarkerMembers { return }
        self.presenceStore.publish(event, to: audience)
    }

    // MARK: Writing

    func typing(_ room: RoomName, user: UserID, isOn: Bool) {
        let now = NIODeadline.now()
        self.typists.set(TypingBoard.Place(room: room, user: user), isOn: isOn, now: now)
        self.tellTyping(now: now)
    }

    func tellTyping(now: NIODeadline) {
        for news in self.typists.takeNews(now: now) {
            let (room, user) = (news.place.room, news.place.user)
            if !room.isDirect, self.rooms[room]?.presence.count ?? 0 > Self.typingMembers { continue }
            guard let audience = self.audience(of: room, without: user) else { continue }
            self.presenceStore.publish(Event.typing(room: room, user: user, isOn: news.isOn), to: audience)
        }
    }

    /// Where what concerns a room is published: a direct room has no channel, so it is the other user's.
    private func audience(of room: RoomName, without user: UserID) -> Topic? {
        guard let (first, second) = room.participants else { return .room(room) }
        return .user(first == user ? second : first)
    }

    // MARK: Receiving

    /// A marker or a typist, for all sessions of a user on this node.
    func receivedMarker(_ payload: ByteBuffer, _ json: JSONValue, for id: UserID) {
        guard let from = json["user"]?.string.flatMap({ UserID($0) }), self.users[id]?.profile.hides(from) == false
        else { return }
        self.tell(id, payload)
    }
}
