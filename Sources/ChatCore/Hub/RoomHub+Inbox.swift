import ChatProtocol
import Logging
import NIOCore

/// Direct rooms of which nobody told: pub/sub may lose what was addressed to a user, and nothing shows a first entry that
/// is missing. The user's inbox in the store says where something happened.
extension RoomHub {
    /// Entries are noted in the inbox a moment after they were stored, and not always in the order of their times.
    private static let inboxSlack: Int64 = 5_000

    func compareInboxes(now: NIODeadline) {
        guard self.health.isUp else { return }
        for user in self.quietUsers.next(now: now, all: self.users.keys) { self.compareInbox(of: user) }
    }

    func compareInbox(of id: UserID) {
        guard let user = self.users[id], user.isSubscribed, !user.isComparing else { return }
        self.users[id]?.isComparing = true
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.log.directRooms(of: id, since: user.comparedAt).whenComplete { result in
            let hub = hub.value
            hub.users[id]?.isComparing = false
            // After a failure the next round asks for the same time again.
            guard case .success(let rooms) = result, let user = hub.users[id] else { return }
            for room in rooms where room.name.isDirect(of: id) { hub.catchUp(with: room) }
            let latest = (rooms.map(\.at).max() ?? 0) - Self.inboxSlack
            hub.users[id]?.comparedAt = max(user.comparedAt, latest)
            hub.flushSoon()
        }
    }

    private func catchUp(with activity: DirectRoomActivity) {
        guard let room = self.rooms[activity.name] else { return self.openDirect(activity.name) }
        guard !room.isReading, let head = room.feed.head, head.at < activity.at else { return }
        self.perform(room.feed.verify(), in: room)
    }
}
