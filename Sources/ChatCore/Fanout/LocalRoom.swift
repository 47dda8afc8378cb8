import ChatProtocol
import NIOCore

/// A room as one event loop has it: a copy of the hub's feed, and the sessions of this loop that are in it.
final class LocalRoom {
    let name: RoomName
    private let encoder: FrameEncoder
    /// The head of what the sessions here have been given. Says nothing before the hub has attached this loop.
    private(set) var head = Position(epoch: "", offset: 0, at: 0)
    private(set) var recent = RecentEntries(after: Position(epoch: "", offset: 0, at: 0))
    private(set) var isAttached = false
    /// As far as the hub has told. That of a direct room is the default for good.
    var policy = RoomPolicy() {
        didSet {
            self.speechPolicy = self.policy.restrictsSpeech ? self.policy : nil
            self.needsLinks = self.name.isDirect || self.policy.settings.access != .public
        }
    }
    /// The policy, where it may keep a member from saying something.
    private(set) var speechPolicy: RoomPolicy?
    /// Not everybody who has the id of an attachment may read it.
    private(set) var needsLinks: Bool

    /// Members that get what is delivered, by encoding; a member's place in its list is in its membership.
    private var members: [[Session]] = Array(repeating: [], count: FrameEncoding.allCases.count)
    /// Where each of them is sent to: a delivery looks at nothing else of a session.
    private var outputs: [[any SessionOutput]] = Array(repeating: [], count: FrameEncoding.allCases.count)
    private var slots: [[OutputSlot]] = Array(repeating: [], count: FrameEncoding.allCases.count)
    /// Members whose `joined` waits for older entries from the store; what is delivered meanwhile is kept for them.
    private var catchingUp: [CatchUp] = []
    /// Sessions that asked to enter and wait for the hub.
    var entering = 0

    init(name: RoomName, encoder: FrameEncoder) {
        self.name = name
        self.encoder = encoder
        self.needsLinks = name.isDirect
    }

    var isEmpty: Bool {
        self.entering == 0 && self.catchingUp.isEmpty && self.members.allSatisfy(\.isEmpty)
    }

    func attach(head: Position, recent: RecentEntries) {
        self.head = head
        self.recent = recent
        self.isAttached = true
    }

    /// The last position this loop has seen; `nil` before the hub has attached it.
    var knownHead: Position? { self.isAttached ? self.head : nil }

    // MARK: Members

    /// - Returns: the place to remember for ``remove(_:place:)``.
    func add(_ session: Session) -> Int {
        self.members[session.encoding.rawValue].append(session)
        self.outputs[session.encoding.rawValue].append(session.output)
        self.slots[session.encoding.rawValue].append(session.output.slot)
        return self.members[session.encoding.rawValue].count - 1
    }

    /// Takes the member at a place out; the last one moves there, so that leaving costs the same in any room.
    func remove(_ session: Session, place: Int) {
        let list = session.encoding.rawValue
        let last = self.members[list].removeLast()
        let output = self.outputs[list].removeLast()
        let slot = self.slots[list].removeLast()
        guard place < self.members[list].count else { return }
        self.members[list][place] = last
        self.outputs[list][place] = output
        self.slots[list][place] = slot
        last.moved(in: self, to: place)
    }

    func forEachMember(_ body: (Session) -> Void) {
        for list in self.members {
            for session in list { body(session) }
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
    ///   - shown: the same, as the members get them.
    ///   - broadcaster: who sends them; `nil`: each output does.
    func deliver(
        _ entries: [LogEntry], shown: [LogEntry], head: Position, bound: RecentEntries.Bound,
        broadcaster: (any Broadcaster)?
    ) -> Int {
        self.head = head
        self.recent.append(entries, bound: bound)
        var deliveries = 0
        for index in self.outputs.indices where !self.outputs[index].isEmpty {
            guard let encoding = FrameEncoding(rawValue: index),
                let frames = self.encoder.encode(shown, as: encoding)
            else { continue }
            let outputs = self.outputs[index]
            if let broadcaster {
                broadcaster.deliver(frames, to: outputs, slots: self.slots[index])
            } else {
                for output in outputs { output.deliver(frames) }
            }
            deliveries += outputs.count
        }
        self.keep(shown)
        return deliveries
    }

    /// Gives an ephemeral event to all members.
    func deliver(event: ByteBuffer) {
        for encoding in FrameEncoding.allCases where !self.members[encoding.rawValue].isEmpty {
            guard let frames = self.encoder.encode(event: event, as: encoding) else { continue }
            for session in self.members[encoding.rawValue] { session.output.write(frames, ephemeral: true) }
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

private struct CatchUp {
    /// Bytes that wait for one session's `joined`.
    static let limit = 1 << 20

    let session: Session
    var missed = ByteBuffer()
}
