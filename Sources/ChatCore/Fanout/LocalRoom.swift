import ChatProtocol
import NIOCore

/// A room as one event loop has it: a copy of the hub's feed, and the sessions of this loop that are in it.
final class LocalRoom {
    // Every message looks at what follows here: it stands side by side, for rooms lie all over the memory.
    /// Members that get what is delivered. Nearly always they are one audience.
    private var audiences: [Audience] = []
    /// Members whose `joined` waits for older entries from the store; what is delivered meanwhile is kept for them.
    private var catchingUp: [CatchUp] = []
    /// What the hub's events call the room; `nil` before it has attached this loop.
    private(set) var number: Int?
    /// Not everybody who has the id of an attachment may read it.
    private(set) var needsLinks: Bool
    /// The head of what the sessions here have been given. Says nothing before the hub has attached this loop.
    private(set) var head = Position(epoch: "", offset: 0, at: 0)
    /// So many members are here that to wait for further messages is cheaper than to deliver them by themselves.
    private(set) var gathers = false
    let name: RoomName
    private let encoder: FrameEncoder
    /// The policy, where it may keep a member from saying something.
    private(set) var speechPolicy: RoomPolicy?

    /// As far as the hub has told. That of a direct room is the default for good.
    var policy = RoomPolicy() {
        didSet {
            self.speechPolicy = self.policy.restrictsSpeech ? self.policy : nil
            self.needsLinks = self.name.isDirect || self.policy.settings.access != .public
        }
    }
    /// Sessions that asked to enter and wait for the hub.
    var entering = 0
    /// Messages of sessions here that the room is still to get; counted only while it gathers.
    var underWay = MessagesUnderWay()
    private(set) var memberCount = 0 {
        didSet { self.gathers = self.memberCount >= self.gatherFrom }
    }
    private let gatherFrom: Int

    init(name: RoomName, encoder: FrameEncoder, gatherFrom: Int) {
        self.name = name
        self.gatherFrom = gatherFrom
        self.encoder = encoder
        self.needsLinks = name.isDirect
    }

    var isEmpty: Bool {
        self.entering == 0 && self.catchingUp.isEmpty && self.audiences.isEmpty
    }

    func attach(number: Int, head: Position) {
        self.head = head
        self.number = number
    }

    /// The log starts anew.
    func restart(at head: Position) {
        self.head = head
    }

    /// The last position this loop has seen; `nil` before the hub has attached it.
    var knownHead: Position? { self.isAttached ? self.head : nil }

    var isAttached: Bool { self.number != nil }

    // MARK: Members

    /// - Returns: the place to remember for ``remove(_:place:)``.
    func add(_ session: Session) -> Int {
        let index = self.audienceIndex(session.encoding) ?? self.audiences.count
        if index == self.audiences.count { self.audiences.append(Audience(encoding: session.encoding)) }
        self.memberCount += 1
        return self.audiences[index].add(session)
    }

    /// Takes the member at a place out; the last one moves there, so that leaving costs the same in any room.
    func remove(_ session: Session, place: Int) {
        guard let index = self.audienceIndex(session.encoding) else { return }
        self.memberCount -= 1
        self.audiences[index].remove(place)?.moved(in: self, to: place)
        if self.audiences[index].members.isEmpty { self.audiences.remove(at: index) }
    }

    private func audienceIndex(_ encoding: FrameEncoding) -> Int? {
        self.audiences.firstIndex { $0.encoding == encoding }
    }

    func forEachMember(_ body: (Session) -> Void) {
        for audience in self.audiences {
            for session in audience.members { body(session) }
        }
    }

    // MARK: Catching up

    func beginCatchingUp(_ session: Session) {
        self.catchingUp.append(CatchUp(session: session))
    }

    /// - Returns: what was delivered meanwhile, in the session's encoding.
    func endCatchingUp(_ session: Session) -> ByteBuffer? {
        guard let index = self.catchingUp.firstIndex(where: { $0.session === session }) else { return nil }
        return self.catchingUp.remove(at: index).missed
    }

    /// A frame for each session that is catching up; it comes behind what the session has missed so far.
    func forEachCatchingUp(_ frame: (Session) -> ByteBuffer) {
        for index in self.catchingUp.indices {
            self.catchingUp[index].missed.writeImmutableBuffer(frame(self.catchingUp[index].session))
        }
    }

    // MARK: Delivery

    /// Gives entries that follow `head` to all members: encoded once for each encoding, then the same bytes to all.
    ///
    /// - Parameters:
    ///   - entries: as the members get them.
    ///   - broadcaster: who sends them; `nil`: each output does.
    func deliver(
        _ entries: [LogEntry], head: Position, broadcaster: (any Broadcaster)?
    ) -> Int {
        self.head = head
        // First: to send may end connections, and what happens then may make a session live that was catching up.
        self.keep(entries)
        var deliveries = 0
        // As they are now, each array looked at only where it is needed: a list that nobody touches is in no cache.
        let audiences = self.audiences
        for index in audiences.indices {
            guard let frames = self.encoder.encode(entries, as: audiences[index].encoding) else { continue }
            if let broadcaster {
                broadcaster.deliver(frames, to: audiences[index].slots) { audiences[index].outputs }
            } else {
                for output in audiences[index].outputs { output.deliver(frames) }
            }
            deliveries += audiences[index].slots.count
        }
        return deliveries
    }

    /// Gives an ephemeral event to all members.
    func deliver(event: ByteBuffer) {
        for audience in self.audiences {
            guard let frames = self.encoder.encode(event: event, as: audience.encoding) else { continue }
            for output in audience.outputs { output.write(frames, ephemeral: true) }
        }
    }

    /// What is delivered while a session catches up comes behind its `joined`.
    private func keep(_ entries: [LogEntry]) {
        guard !self.catchingUp.isEmpty else { return }
        for index in self.catchingUp.indices {
            guard let frames = self.encoder.encode(entries, as: self.catchingUp[index].session.encoding) else {
                continue
            }
            self.catchingUp[index].missed.writeImmutableBuffer(frames)
        }
        for lagging in self.catchingUp where lagging.missed.readableBytes > CatchUp.limit {
            lagging.session.close(.slowConsumer, reason: "too much happened while history was read")
        }
    }
}

/// Members whose frames are encoded alike. A member's place is in its membership.
private struct Audience {
    let encoding: FrameEncoding
    private(set) var members: [Session] = []
    /// Where each of them is sent to: a delivery looks at nothing else of a session.
    private(set) var outputs: [any SessionOutput] = []
    private(set) var slots: [OutputSlot] = []

    init(encoding: FrameEncoding) {
        self.encoding = encoding
    }

    mutating func add(_ session: Session) -> Int {
        self.members.append(session)
        self.outputs.append(session.output)
        self.slots.append(session.output.slot)
        return self.members.count - 1
    }

    /// - Returns: the member that has moved to the place.
    mutating func remove(_ place: Int) -> Session? {
        let last = self.members.removeLast()
        let output = self.outputs.removeLast()
        let slot = self.slots.removeLast()
        guard place < self.members.count else { return nil }
        self.members[place] = last
        self.outputs[place] = output
        self.slots[place] = slot
        return last
    }
}

private struct CatchUp {
    /// Bytes that wait for one session's `joined`.
    static let limit = 1 << 20

    let session: Session
    var missed = ByteBuffer()
}
