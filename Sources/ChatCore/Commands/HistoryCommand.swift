import ChatProtocol
import NIOCore

extension History: SessionCommand {
    func run(in session: Session, id: String?) {
        if let objection = session.objection(to: .read, in: self.room) {
            return session.refuse(objection, re: id, room: self.room)
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
            case .success(let page):
                let session = bound.value
                session.tell(.history(self.answer(page, loop: session.loop, re: id)))
            case .failure(let error): bound.value.refuse(FrameError(unavailable: error), re: id, room: self.room)
            }
        }
    }

    private func answer(_ page: LogPage, loop: SessionLoop, re: String?) -> HistoryPage {
        HistoryPage(
            re: re, room: self.room, epoch: page.head.epoch, entries: loop.linked(page.entries, in: self.room),
            changes: page.changes, more: page.more
        )
    }
}
