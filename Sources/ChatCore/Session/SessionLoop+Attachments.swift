import ChatProtocol

extension SessionLoop {
    /// Entries as the sessions of a room get them: what not everybody may read has a link that works for a while.
    func linked(_ entries: [LogEntry], in room: RoomName) -> [LogEntry] {
        let needsLinks = self.rooms[room]?.needsLinks ?? room.isDirect
        guard needsLinks, let links = self.attachments?.links else { return entries }
        let now = WallClock.milliseconds() + self.clockSkew
        return entries.map { entry in
            entry.attachment.map { entry.linked(to: links.url(of: $0, now: now)) } ?? entry
        }
    }
}
