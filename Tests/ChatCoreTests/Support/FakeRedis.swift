import ChatProtocol
import NIOCore
import NIOEmbedded

@testable import ChatCore

/// What all nodes of a test share: logs, shares, names, and who is subscribed to what.
final class FakeRedis {
    struct RoomLog {
        var epoch: String
        var entries: [LogEntry] = []
        var head: Position
        var keys: [String: Position] = [:]
    }

    let eventLoop: EmbeddedEventLoop
    let attachments: FakeAttachments
    /// Milliseconds; moves with each entry.
    var clock: Int64 = 1_000_000
    private(set) var logs: [RoomName: RoomLog] = [:]
    var shares: [RoomName: [NodeID: [UserID: PresentUser]]] = [:]
    var names: [String: UserID] = [:]
    var profiles: [UserID: String] = [:]
    /// Direct rooms, by the time of their latest entry.
    var inboxes: [UserID: [RoomName: Int64]] = [:]
    var settings: [UserID: Profile] = [:]
    var policies: [RoomName: RoomPolicy] = [:]
    var audits: [RoomName: [AuditEntry]] = [:]
    var clusterAudit: [AuditEntry] = []
    var operators: Set<UserID> = []
    var bans: [UserID: RoomPolicy.Record] = [:]
    /// When an author may say something in a room again.
    var paced: [String: Int64] = [:]
    /// Who has written to whom: `FROM TO`.
    var contacts: Set<String> = []
    var reads: [RoomName: [UserID: UInt64]] = [:]
    var visited: [UserID: Set<RoomName>] = [:]
    var stores: [FakeStore] = []
    /// What is published meanwhile is lost.
    var isMute = false
    private var epochs = 0

    init(eventLoop: EmbeddedEventLoop) {
        self.eventLoop = eventLoop
        attachments = FakeAttachments(eventLoop: eventLoop)
    }

    // MARK: Logs

    func log(_ room: RoomName) -> RoomLog {
        if let log = logs[room] { return log }
        epochs += 1
        let log = RoomLog(epoch: "e\(epochs)", head: Position(epoch: "e\(epochs)", offset: 0, at: 0))
        logs[room] = log
        return log
    }

    /// Stores an entry, without telling anybody.
    func store(_ body: ByteBuffer, in room: RoomName, key: String? = nil) -> (LogEntry, isRepeat: Bool) {
        var log = log(room)
        if let key, let position = log.keys[key] {
            return (LogEntry(body: body, at: position), true)
        }
        clock += 1
        log.head = Position(epoch: log.epoch, offset: log.head.offset + 1, at: clock)
        let entry = LogEntry(body: body, at: log.head)
        log.entries.append(entry)
        if let key { log.keys[key] = log.head }
        logs[room] = log
        return (entry, false)
    }

    /// Takes a message and the texts of its edits out of a log.
    func delete(_ target: UInt64, in room: RoomName) {
        logs[room]?.entries.removeAll {
            $0.offset == target || $0.change == EntryChange(kind: .edited, target: target)
        }
    }

    /// What somebody on no node of the test says.
    func say(_ text: String, in room: RoomName) {
        let (entry, _) = store(ByteBuffer(string: Self.body(text, in: room)), in: room)
        publish(entry.json, to: .room(room))
    }

    static func body(_ text: String, in room: RoomName) -> String {
        #""type":"message","room":"\#(room)","from":{"id":"ext","name":"ext"},"text":"\#(text)"}"#
    }

    func renewEpoch(of room: RoomName, lost: String) -> Position {
        var log = log(room)
        guard log.epoch == lost else { return log.head }
        epochs += 1
        log.epoch = "e\(epochs)"
        log.head.epoch = log.epoch
        logs[room] = log
        return log.head
    }

    /// A failover lost the last entries.
    func rollBack(_ room: RoomName, _ count: Int) {
        var log = log(room)
        log.entries.removeLast(min(count, log.entries.count))
        let last = log.entries.last
        log.head = Position(epoch: log.epoch, offset: last?.offset ?? 0, at: last?.at ?? 0)
        log.keys = log.keys.filter { $0.value.offset <= log.head.offset }
        logs[room] = log
        clock += 1
    }

    func flushAll() {
        logs = [:]
        shares = [:]
        names = [:]
        profiles = [:]
        inboxes = [:]
        settings = [:]
        policies = [:]
    }

    // MARK: Publishing

    @discardableResult
    func publish(_ payload: ByteBuffer, to topic: Topic) -> Int {
        guard !isMute else { return 0 }
        let receivers = stores.filter { $0.topics.contains(topic) && $0.linkIsUp }
        for store in receivers { store.deliver(payload, on: topic) }
        return receivers.count
    }
}
