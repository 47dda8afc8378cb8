import ChatProtocol
import NIOCore

extension History: SessionCommand {
    func run(in session: Session, id: String?) {
        if let user = session.identity?.user, self.room.isDirect, !self.room.isDirect(of: user) {
            return session.refuse(FrameError(.forbidden, "not your conversation"), re: id, room: self.room)
        }
        guard session.isMember(of: self.room) else {
            return session.refuse(FrameError(.notMember, "join the room first"), re: id, room: self.room)
        }
        let range: HistoryRange =
            switch self.range {
            case .latest: .latest
            case .before(let offset): .before(offset)
            case .after(let offset): .after(offset)
            }
        let bound = NIOLoopBound(session, eventLoop: session.loop.eventLoop)
        session.loop.log.page(self.room, range, limit: self.limit).whenComplete { result in
            switch result {
            case .success(let page): bound.value.tell(.history(self.answer(page, re: id)))
            case .failure(let error): bound.value.refuse(FrameError(unavailable: error), re: id, room: self.room)
            }
        }
    }

    private func answer(_ page: LogPage, re: String?) -> HistoryPage {
        var end = EntryPage.End.newest
        if case .after = self.range { end = .oldest }
        let cut = EntryPage(page.entries, keeping: end)
        return HistoryPage(
            re: re, room: self.room, epoch: page.head.epoch, entries: cut.entries, more: page.more || cut.wasCut
        )
    }
}
