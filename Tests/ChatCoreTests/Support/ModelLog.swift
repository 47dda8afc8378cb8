import ChatCore
import ChatProtocol
import NIOCore

/// One room's log as the store should behave, in memory: what the feed is judged against.
struct ModelLog {
    /// An entry and which one it followed when it was written: two lives of a log differ in that.
    struct Link: Equatable {
        var id: Int
        var previous: Int?
    }

    private(set) var entries: [LogEntry] = []
    private(set) var head = Position(epoch: "e1", offset: 0, at: 0)
    /// Who followed whom, by an entry's bytes.
    private(set) var links: [ByteBuffer: Link] = [:]
    private var epochs = 1
    private var ids = 0
    private var clock: Int64 = 1_000
    /// The log was cut back and nobody has noticed yet.
    private(set) var isRolledBack = false

    var lastLink: Link? { entries.last.flatMap { links[$0.json] } }

    func link(at offset: UInt64) -> Link? {
        entries.first { $0.offset == offset }.flatMap { links[$0.json] }
    }

    mutating func append(after pause: Int64) -> (entry: LogEntry, epoch: String) {
        clock += pause
        ids += 1
        let previous = lastLink?.id
        head.offset += 1
        head.at = clock
        let entry = LogEntry.sample(offset: head.offset, epoch: head.epoch, at: head.at, text: "entry \(ids)")
        entries.append(entry)
        links[entry.json] = Link(id: ids, previous: previous)
        return (entry, head.epoch)
    }

    /// A failover lost the last entries. Whatever is written next is younger than they were.
    mutating func rollBack(_ count: Int) {
        guard count > 0, count < entries.count else { return }
        entries.removeLast(count)
        clock += 1
        head.offset = entries.last?.offset ?? 0
        head.at = entries.last?.at ?? 0
        isRolledBack = true
    }

    /// Everything is gone; the next reader opens another log.
    mutating func flush() {
        entries = []
        clock += 1
        newEpoch()
        head.offset = 0
        head.at = 0
    }

    mutating func renewEpoch(lost: String) {
        if head.epoch == lost { newEpoch() }
    }

    private mutating func newEpoch() {
        epochs += 1
        head.epoch = "e\(epochs)"
        isRolledBack = false
    }

    func page(limit: Int) -> LogPage {
        LogPage(head: head, entries: entries.suffix(limit), more: entries.count > limit)
    }

    /// Whole or not at all, by the rules that the store's contract names.
    func entries(after position: Position, limit: Int) -> Recovery {
        guard position.epoch == head.epoch, position.offset <= head.offset, position.at <= head.at else {
            return .lost(head: head)
        }
        if position.offset == 0 {
            guard position.at == 0 else { return .lost(head: head) }
        } else {
            guard entries.first(where: { $0.offset == position.offset })?.at == position.at else {
                return .lost(head: head)
            }
        }
        let newer = entries.filter { $0.offset > position.offset }
        return newer.count > limit ? .lost(head: head) : .recovered(head: head, entries: newer)
    }
}

extension LogEntry {
    /// An entry as the store writes it.
    static func sample(
        offset: UInt64, epoch: String = "e1", at: Int64, text: String = "hi", room: String = "lobby"
    ) -> LogEntry {
        let json = """
            {"offset":\(offset),"epoch":"\(epoch)","at":\(at),"type":"message","room":"\(room)",\
            "from":{"id":"u1","name":"ann"},"text":"\(text)"}
            """
        return LogEntry(offset: offset, at: at, json: ByteBuffer(string: json))
    }
}
