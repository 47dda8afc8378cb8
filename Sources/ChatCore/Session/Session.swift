public import ChatProtocol
public import NIOCore

/// One connection of a user: what it may do now, which rooms it is in, what it is told.
///
/// Confined to its event loop. It knows neither the transport (``SessionOutput``) nor how frames are spelled
/// (``SessionDialect``).
public final class Session {
    let loop: SessionLoop
    let dialect: any SessionDialect
    // Every message looks at what follows here: it stands side by side, for sessions lie all over the memory.
    private var unansweredPings = 0
    var limiter = RateLimiter()
    /// What the user's other sessions count with it.
    var tally = Tally()
    var phase: Phase {
        didSet {
            self.knownAuthor = nil
            self.loop.lookSoon(at: self)
        }
    }
    private var knownAuthor: Author?
    var memberships: [Membership] = []
    /// Frames that came in while an attachment is being stored; `nil`: none is.
    var uploadQueue: [ClientFrame]?
    private var turnsOfSaying: OrderedTurns?

    public let id: String
    let output: any SessionOutput
    let encoding: FrameEncoding
    /// Proves that a post is the session's client's; `nil` where frames come on the connection itself.
    let streamKey: String?
    /// Where the loop lists this session.
    var place = 0
    /// A change of name waits for the one before: it frees what that one reserved.
    private(set) lazy var naming = OrderedTurns(eventLoop: self.loop.eventLoop)
    /// An `inbox` has not been answered yet.
    var isReadingInbox = false
    var joinsHeldUntil = NIODeadline.distantPast
    /// A younger token has come: it may let the session into less than the one it began with.
    var isRefreshed = false
    var attachmentLimiter = RateLimiter()
    var moderationLimiter = RateLimiter()
    private var strikes = Strikes()
    private var nextPing: NIODeadline

    /// Every frame looks at it: what is large is kept aside.
    enum Phase {
        /// We are waiting for `hello`, until the deadline.
        case new(deadline: NIODeadline)
        /// `hello` is being answered; what else comes in waits.
        indirect case opening(Opening)
        indirect case open(Identity)
        case ended
    }

    struct Opening {
        var identity: Identity?
        var re: String?
        var resume: [(room: RoomName, since: Position)]
        var noRooms: [String]
        /// What the session came with; kept until `welcome`.
        var token: String?
        /// Rooms whose answer is still to come before what waits is taken up.
        var unanswered = 0
        /// The user's channel is subscribed and `welcome` was said.
        var isWelcomed = false
        var waiting: [ClientFrame] = []
    }

    init(
        id: String, loop: SessionLoop, dialect: any SessionDialect, output: any SessionOutput, streamKey: String?
    ) {
        self.id = id
        self.loop = loop
        self.dialect = dialect
        self.output = output
        self.encoding = dialect.encoding
        self.streamKey = streamKey
        let now = NIODeadline.now()
        self.phase = .new(deadline: now + loop.settings.helloTimeout)
        self.nextPing = now + loop.settings.pingInterval
    }

    /// What is said waits for names that are being looked up.
    var saying: OrderedTurns {
        if let turns = self.turnsOfSaying { return turns }
        let turns = OrderedTurns(eventLoop: self.loop.eventLoop)
        self.turnsOfSaying = turns
        return turns
    }

    /// Nothing that was said waits: what needs no looking up can take effect at once.
    var isSayingIdle: Bool { self.turnsOfSaying?.isIdle ?? true }

    /// Who this is; `nil` before `welcome`.
    public var identity: Identity? {
        switch self.phase {
        case .open(let identity): identity
        case .opening(let opening): opening.identity
        case .new, .ended: nil
        }
    }

    /// As whom it writes; `nil` before `welcome`.
    var author: Author? {
        if let known = self.knownAuthor { return known }
        guard let identity = self.identity else { return nil }
        let author = Author(identity.user, name: identity.name)
        self.knownAuthor = author
        return author
    }

    public var isEnded: Bool {
        if case .ended = self.phase { true } else { false }
    }

    // MARK: What comes in

    /// The connection is ready.
    public func begin() {
        self.dialect.begin(self)
    }

    /// A text message came in.
    public func receive(text: ByteBuffer) {
        self.isAlive()
        self.dialect.receive(text, session: self)
    }

    /// A binary message came in.
    public func receive(binary: ByteBuffer) {
        self.isAlive()
        self.dialect.receiveBinary(binary, session: self)
    }

    /// A pong came in.
    public func receivePong() {
        self.isAlive()
    }

    /// All that one read brought was received.
    public func receivedAll() {
        self.loop.log.sendIfMany()
    }

    /// The peer gave a sign of life.
    private func isAlive() {
        guard self.unansweredPings > 0 else { return }
        self.unansweredPings = 0
        self.nextPing = .now() + self.loop.settings.pingInterval
    }

    /// A frame, from whatever dialect.
    func receive(_ frame: ClientFrame) {
        self.loop.statistics.frames += 1
        if let wait = self.limiter.allow(
            now: NIODeadline.now().uptimeNanoseconds,
            perSecond: self.loop.settings.limits.framesPerSecond,
            burst: self.loop.settings.limits.burst
        ) {
            return self.tooFast(frame, wait: wait)
        }
        self.noteSpending()
        self.tally.frames += 1
        switch self.phase {
        case .new:
            guard frame.type == "hello" else {
                self.tell(.error(re: frame.id, room: nil, FrameError(.badFrame, "the first frame must be 'hello'")))
                return self.close(.badFrames, reason: "the first frame must be 'hello'")
            }
            CommandTable.run(frame, session: self)
        case .opening(var opening):
            guard frame.type != "hello" else { return self.refuse(Self.secondHello, re: frame.id) }
            guard opening.waiting.hasRoom(for: frame) else {
                return self.refuse(FrameError(.tooMany, "too many frames before 'welcome'"), re: frame.id)
            }
            opening.waiting.append(frame)
            self.phase = .opening(opening)
        case .open:
            guard frame.type != "hello" else { return self.refuse(Self.secondHello, re: frame.id) }
            self.run(frame)
        case .ended:
            return
        }
    }

    /// Takes up a frame of an open session, now or when the join of its room is answered.
    func run(_ frame: ClientFrame) {
        guard case .open = self.phase, !self.waitsForUpload(frame), !self.waits(frame) else { return }
        CommandTable.run(frame, session: self)
    }

    private static let secondHello = FrameError(.badFrame, "'hello' was said before")

    private func tooFast(_ frame: ClientFrame, wait: UInt64) {
        let milliseconds = Int64(wait / 1_000_000) + 1
        self.tell(.error(re: frame.id, room: nil, FrameError(.rateLimited, "too fast", retryAfter: milliseconds)))
        if self.strikes.tooFast(now: .now()) { self.close(.tooFast, reason: "too fast") }
    }

    // MARK: What goes out

    /// Sends a frame to this session alone.
    func tell(_ frame: ServerFrame, ephemeral: Bool = false) {
        if case .ended = self.phase { return }
        let frames = self.encoded(frame)
        guard frames.readableBytes > 0 else { return }
        self.output.write(frames, ephemeral: ephemeral)
        self.loop.flushSoon()
    }

    /// A frame as the session's dialect and transport want it; nothing when the dialect has no words for it.
    func encoded(_ frame: ServerFrame) -> ByteBuffer {
        var frames = ByteBuffer()
        for message in self.dialect.messages(for: frame, session: self) {
            self.loop.encoder.write(message, as: self.encoding, into: &frames)
        }
        return frames
    }

    /// Refuses a frame; the session lives on, unless it has sent too many bad ones.
    func refuse(_ error: FrameError, re: String?, room: RoomName? = nil) {
        self.refuse(error, re: re, roomText: room?.string)
    }

    /// - Parameter roomText: the room as the client wrote it, which may be no room's name.
    func refuse(_ error: FrameError, re: String?, roomText room: String?) {
        self.loop.statistics.errors += 1
        if case .new = self.phase {
            self.tell(.error(re: re, room: room, error))
            return self.close(.badFrames, reason: "bad hello")
        }
        self.tell(.error(re: re, room: room, error))
        if error.code == .badFrame, self.strikes.badFrame(now: .now()) {
            self.close(.badFrames, reason: "too many bad frames")
        }
    }

    /// Acknowledges a frame that had an `id`.
    func acknowledge(_ re: String?, room: RoomName? = nil, position: Position? = nil) {
        if let re { self.tell(.ack(Ack(re: re, room: room, position: position))) }
    }

    /// Ends the session from this side.
    public func close(_ code: CloseCode, reason: String) {
        guard case .ended = self.phase else {
            self.output.close(code, reason: reason)
            return self.end()
        }
    }

    /// The connection ended. Harmless when repeated.
    public func end() {
        if case .ended = self.phase { return }
        let identity = self.identity
        let wasRegistered = self.isRegistered
        self.phase = .ended
        // The hub counts a session from the moment it is told of the name, welcomed or not.
        if let identity { self.depart(identity, wasRegistered: wasRegistered) }
        for membership in self.memberships { self.drop(membership, wasLost: true, identity: identity) }
        self.memberships = []
        self.loop.remove(self)
    }

    // MARK: Time

    /// No ``tick(now:)`` has anything to do before this, unless ``phase`` changes.
    var nextTick: NIODeadline {
        switch self.phase {
        case .new(let deadline): min(deadline, self.nextPing)
        case .opening: min(self.loop.lastTick + .seconds(1), self.nextPing)
        // Tokens end by another clock.
        case .open(let identity):
            identity.expiresAt == nil ? self.nextPing : min(self.loop.lastTick + .seconds(1), self.nextPing)
        case .ended: .distantFuture
        }
    }

    func tick(now: NIODeadline) {
        if case .new(let deadline) = self.phase, deadline <= now {
            return self.close(.timedOut, reason: "no hello")
        }
        guard self.nextPing <= now else { return }
        guard self.unansweredPings < 2 else { return self.close(.timedOut, reason: "two pings unanswered") }
        // A second ping follows an unanswered one soon: a peer that is gone is found after 7/5 of the interval.
        self.unansweredPings += 1
        self.nextPing = now + .nanoseconds(self.loop.settings.pingInterval.nanoseconds / 5)
        self.output.ping()
    }
}

@available(*, unavailable)
extension Session: Sendable {}

/// Counts what is held against a session. A value; time is passed in.
struct Strikes {
    private var badFrames = 0
    private var tooFast = 0
    private var minuteEnds = NIODeadline.distantPast

    /// - Returns: whether it was one too many within a minute.
    mutating func badFrame(now: NIODeadline) -> Bool {
        self.begin(now)
        self.badFrames += 1
        return self.badFrames >= Limits.badFramesPerMinute
    }

    /// - Returns: whether it was one too many within a minute.
    mutating func tooFast(now: NIODeadline) -> Bool {
        self.begin(now)
        self.tooFast += 1
        return self.tooFast >= 500
    }

    private mutating func begin(_ now: NIODeadline) {
        guard self.minuteEnds <= now else { return }
        self = Strikes()
        self.minuteEnds = now + .minutes(1)
    }
}

extension [ClientFrame] {
    /// Whether one more frame may wait: so many, and one that carries a file.
    func hasRoom(for frame: ClientFrame) -> Bool {
        self.count < Limits.waitingFrames && (frame.bytes == nil || !self.contains { $0.bytes != nil })
    }
}
