import ChatProtocol
import NIOCore

extension Rooms: SessionCommand {
    /// Rooms in one answer.
    private static let limit = 100

    func run(in session: Session, id: String?) {
        let bound = NIOLoopBound(session, eventLoop: session.loop.eventLoop)
        session.loop.directory.rooms(after: self.after, limit: Self.limit).whenComplete { result in
            switch result {
            case .success(let page):
                let rooms = page.rooms.map {
                    RoomList.Room(
                        room: $0.room, topic: $0.topic, members: $0.members, isApproximate: $0.isApproximate,
                        lastAt: $0.lastAt
                    )
                }
                bound.value.tell(.rooms(RoomList(re: id, rooms: rooms, after: page.next)))
            case .failure(let error):
                bound.value.refuse(FrameError(unavailable: error), re: id)
            }
        }
    }
}
