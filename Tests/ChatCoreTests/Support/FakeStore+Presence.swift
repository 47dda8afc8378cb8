import ChatCore
import ChatProtocol
import NIOCore

extension FakeStore: PresenceStore {
    private var currentNode: NodeID { nextNode ?? node }

    func write(_ changes: ShareChanges, room: RoomName) -> EventLoopFuture<Void> {
        perform(.write) {
            var share = redis.shares[room]?[currentNode] ?? [:]
            for user in changes.here { share[user.id] = user }
            for user in changes.gone { share[user.id] = nil }
            redis.shares[room, default: [:]][currentNode] = share.isEmpty ? nil : share
            tell(changes, size: share.count, room: room)
        }
    }

    /// The notice of a share's change, as it is published.
    private func tell(_ changes: ShareChanges, size: Int, room: RoomName) {
        let here = changes.here.map { user in
            let text = user.statusText.map { #","statusText":"\#($0)""# } ?? ""
            return #"{"id":"\#(user.id)","name":"\#(user.name)","status":"\#(user.status)"\#(text)}"#
        }
        let gone = changes.gone.map { #""\#($0.id)""# }
        let notice = """
            {"type":"share","node":"\(currentNode)","size":\(size),"here":[\(here.joined(separator: ","))],\
            "gone":[\(gone.joined(separator: ","))]}
            """
        redis.publish(ByteBuffer(string: notice), to: .room(room))
    }

    func shares(of room: RoomName, upTo limit: Int) -> EventLoopFuture<Shares> {
        perform(.shares) {
            let shares = redis.shares[room] ?? [:]
            guard shares.values.reduce(0, { $0 + $1.count }) <= limit else { return .sizes(shares.mapValues(\.count)) }
            return .whole(shares.mapValues { Array($0.values) })
        }
    }

    /// The cursor is `<place>/<of all>`.
    func members(of room: RoomName, after cursor: String?, limit: Int) -> EventLoopFuture<OnlinePage> {
        perform(.members) {
            let shares = (redis.shares[room] ?? [:]).sorted { $0.key.string < $1.key.string }
            let all = shares.flatMap { $0.value.values.sorted { $0.id.string < $1.id.string } }
            let start = min(all.count, cursor.flatMap { Int($0.prefix { $0 != "/" }) } ?? 0)
            let end = min(all.count, start + limit)
            return OnlinePage(
                users: Array(all[start..<end]), count: all.count, next: end < all.count ? "\(end)/\(all.count)" : nil,
                isApproximate: true
            )
        }
    }

    func share(of room: RoomName, node: NodeID) -> EventLoopFuture<[PresentUser]> {
        perform(.share) { (redis.shares[room]?[node] ?? [:]).map(\.value) }
    }

    @discardableResult
    func publish(_ event: ByteBuffer, to topic: Topic) -> EventLoopFuture<Int> {
        eventLoop.makeSucceededFuture(redis.publish(event, to: topic))
    }

    func heartbeat(_ vitals: NodeVitals) -> EventLoopFuture<Heartbeat> {
        perform(.heartbeat) {
            let living = Set(redis.stores.filter { !$0.isGone }.map(\.currentNode))
            return Heartbeat(leaseWasValid: leaseIsValid, living: living, dead: dead, node: currentNode)
        }
    }

    func cleanUp(after node: NodeID) -> EventLoopFuture<Void> {
        for room in redis.shares.keys { redis.shares[room]?[node] = nil }
        return eventLoop.makeSucceededVoidFuture()
    }

    func resign(grace: TimeAmount) -> EventLoopFuture<Void> {
        eventLoop.makeSucceededVoidFuture()
    }
}
