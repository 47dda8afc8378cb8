public import ChatProtocol
public import NIOCore

/// The ordered, durable logs of rooms.
///
/// One instance serves one event loop: call it there, and its futures complete there. Calls of one loop reach the
/// store in the order made, so what one session sends to one room gets offsets in the order sent. A failure is a
/// ``StoreError``.
public protocol MessageLog: AnyObject {
    /// Stores an entry and publishes it to every node; `body` is called once, when it is stored.
    ///
    /// Without a future, for every message passes here.
    func append(_ request: AppendRequest, then body: @escaping (Result<Appended, any Error>) -> Void)

    /// What was asked for leaves at the end of the event loop's turn; if it is much by now, it leaves at once.
    ///
    /// For whoever has taken all that came in on one connection. Requests may be answered before this returns, so not
    /// within a command.
    func sendIfMany()

    /// Stores the edit or the deletion of a message, or a reaction to it, as an entry, and publishes it.
    ///
    /// Fails with ``StoreError/noSuchEntry`` when there is no such message (any more), ``StoreError/notYours``, or
    /// ``StoreError/tooManyChanges``; nothing is stored then. A deletion takes the message and the texts of its edits
    /// out of the log.
    func change(_ request: ChangeRequest) -> EventLoopFuture<Changed>

    /// The head and the latest entries. A room that has no log yet gets one: an epoch, and offset 0.
    ///
    /// - Parameters:
    ///   - limit: how many entries at most.
    ///   - founder: who owns the room if there was none; `nil`: nobody.
    func open(_ room: RoomName, limit: Int, founder: Founder?) -> EventLoopFuture<LogPage>

    /// The head alone; `nil` when the room has no log.
    ///
    /// Nodes ask it of every room again and again, so it is the cheapest question there is.
    func head(of room: RoomName) -> EventLoopFuture<LogHead?>

    /// Everything after a position: whole, or not at all.
    ///
    /// - Parameters:
    ///   - limit: entries at most; more is not recovered.
    ///   - byteLimit: bytes of entries at most; more is not recovered.
    func entries(after position: Position, in room: RoomName, limit: Int, byteLimit: Int) -> EventLoopFuture<Recovery>

    /// A page of history, oldest entry first.
    func page(_ room: RoomName, _ range: HistoryRange, limit: Int) -> EventLoopFuture<LogPage>

    /// Gives a log that lost entries a new epoch, unless another node already did.
    ///
    /// - Parameter lost: the epoch that must not be used any more.
    /// - Returns: the head afterwards.
    func renewEpoch(of room: RoomName, lost: String) -> EventLoopFuture<Position>

    /// The direct rooms of a user in which something happened at that time, by Redis's clock, or later.
    func directRooms(of user: UserID, since at: Int64) -> EventLoopFuture<[DirectRoomActivity]>

    /// Tells all of a user's sessions, on every node, of an entry in a direct room, and notes it in the inbox.
    func notify(_ user: UserID, of entry: LogEntry, in room: RoomName) -> EventLoopFuture<Void>
}

extension MessageLog {
    /// The same with a future.
    public func append(_ request: AppendRequest, on eventLoop: any EventLoop) -> EventLoopFuture<Appended> {
        let promise = eventLoop.makePromise(of: Appended.self)
        self.append(request) { promise.completeWith($0) }
        return promise.futureResult
    }

    public func open(_ room: RoomName, limit: Int) -> EventLoopFuture<LogPage> {
        self.open(room, limit: limit, founder: nil)
    }
}

/// A direct room, and when something happened in it last, in milliseconds by Redis's clock.
public struct DirectRoomActivity: Sendable, Equatable {
    public var name: RoomName
    public var at: Int64

    public init(name: RoomName, at: Int64) {
        self.name = name
        self.at = at
    }
}

public struct AppendRequest: Sendable {
    public var room: RoomName
    public var author: UserID
    /// The entry's JSON from `"type":…` to the closing brace; the store puts offset, epoch and `at` in front.
    public var body: ByteBuffer
    /// Makes the append safe to repeat for ten minutes.
    public var key: String?
    /// The offset of the entry this one answers; one that the log does not have yet is ``StoreError/noSuchEntry``.
    public var replyTo: UInt64?
    /// The last position this node saw in the room. A head behind it means that Redis lost entries.
    public var known: Position?
    /// What the entry carries: it stays from now on, until the entry goes.
    public var attachment: Attachment?
    /// Milliseconds that have to be between two of the author's entries in the room; `nil`: any number may follow each
    /// other. Too early is ``StoreError/tooSoon(retryAfter:)``.
    public var pace: Int64?

    public init(
        room: RoomName,
        author: UserID,
        body: ByteBuffer,
        key: String?,
        known: Position?,
        replyTo: UInt64? = nil,
        attachment: Attachment? = nil,
        pace: Int64? = nil
    ) {
        self.room = room
        self.author = author
        self.body = body
        self.key = key
        self.known = known
        self.replyTo = replyTo
        self.attachment = attachment
        self.pace = pace
    }
}

public struct ChangeRequest: Sendable {
    public enum Kind: Sendable, Equatable {
        case edit
        case delete
        case react(emoji: String, on: Bool)
    }

    public var room: RoomName
    public var author: UserID
    public var kind: Kind
    /// The message's offset.
    public var target: UInt64
    /// The entry's JSON, as in ``AppendRequest/body``.
    public var body: ByteBuffer
    /// Whether the author may change what others wrote.
    public var mayChangeOthers: Bool
    /// What the author is called: the audit names who took back what others wrote.
    public var authorName: String
    /// The last position this node saw in the room, as in ``AppendRequest/known``.
    public var known: Position?

    public init(
        room: RoomName,
        author: UserID,
        kind: Kind,
        target: UInt64,
        body: ByteBuffer,
        mayChangeOthers: Bool,
        authorName: String = "",
        known: Position?
    ) {
        self.room = room
        self.author = author
        self.kind = kind
        self.target = target
        self.body = body
        self.mayChangeOthers = mayChangeOthers
        self.authorName = authorName
        self.known = known
    }
}

public struct Changed: Sendable, Equatable {
    /// Where the entry stands; `nil` when it would have changed nothing and was not stored.
    public var position: Position?

    public init(position: Position?) {
        self.position = position
    }
}

public struct Appended: Sendable, Equatable {
    public var position: Position
    /// The key was used before: nothing was stored now, `position` is that of the first time.
    public var isRepeat: Bool

    public init(position: Position, isRepeat: Bool) {
        self.position = position
        self.isRepeat = isRepeat
    }
}

public struct LogHead: Sendable, Equatable {
    public var position: Position
    /// The version of the room's policy at that time.
    public var policyVersion: Int

    public init(position: Position, policyVersion: Int = 0) {
        self.position = position
        self.policyVersion = policyVersion
    }
}

public struct LogPage: Sendable, Equatable {
    /// The log's head at the time of reading.
    public var head: Position
    /// Oldest first, ascending offsets.
    public var entries: [LogEntry]
    /// Entries behind the page that change a message on it, oldest first; of its edits the last, of its reactions the
    /// last of each user and emoji.
    public var changes: [LogEntry]
    /// Whether entries lie beyond the page, in the direction read.
    public var more: Bool
    /// The version of the room's policy at that time.
    public var policyVersion: Int

    public init(
        head: Position, entries: [LogEntry], changes: [LogEntry] = [], more: Bool, policyVersion: Int = 0
    ) {
        self.policyVersion = policyVersion
        self.head = head
        self.entries = entries
        self.changes = changes
        self.more = more
    }
}

public enum HistoryRange: Sendable, Equatable {
    case latest
    case before(UInt64)
    case after(UInt64)
}

public enum Recovery: Sendable, Equatable {
    /// `entries` are exactly those after the position; `head` is the last of them.
    case recovered(head: Position, entries: [LogEntry])
    /// Too far behind, another epoch, another entry at that offset, or the log no longer reaches back.
    case lost(head: Position)
}

/// Why the store did not do what it was asked.
public enum StoreError: Error, Sendable {
    /// The store is away or did not answer in time; what was asked may or may not have happened.
    case unavailable(String)
    /// The store answered with an error of its own, or with something that makes no sense.
    case refused(String)
    /// The entry that was to be answered or changed does not exist; nothing was stored.
    case noSuchEntry
    /// The entry is somebody else's; nothing was stored.
    case notYours
    /// The attachments of the room have as many bytes as they may have; nothing was stored.
    case tooManyAttachments
    /// The message has as many edits and reactions as it may have; nothing was stored.
    case tooManyChanges
    /// The author's last entry is too young (``AppendRequest/pace``); nothing was stored.
    case tooSoon(retryAfter: Int64)
}
