internal import NIOCore

/// The life of a link as a value: connect, log in, be ready, fail, wait, connect again, until closed.
///
/// Each attempt to connect has a number. What arrives with the number of an earlier one is late and ignored.
struct LinkMachine {
    enum State {
        /// Nobody has asked for a connection yet.
        case idle
        /// We are waiting for the transport.
        case connecting
        /// We are waiting for the replies to the handshake.
        case handshaking(Handshake)
        /// Commands may be sent.
        case ready(since: NIODeadline)
        /// We are waiting before the next attempt.
        case backingOff
        /// The owner has closed the link. Nothing leads out of here.
        case closed
    }

    private(set) var state = State.idle
    /// The number of the current attempt, or, while backing off, of the failed one.
    private(set) var attempt = 0
    private var backoff: Backoff
    /// A connection has to stay ready this long before the delays start small again, so that a server that accepts
    /// and then fails every link is not asked in a tight loop.
    private let settlingTime: TimeAmount
    private let handshake: Handshake

    init(handshake: Handshake, backoff: RedisBackoffConfiguration) {
        self.handshake = handshake
        self.backoff = Backoff(backoff)
        self.settlingTime = backoff.cap
    }

    var isReady: Bool {
        if case .ready = state { true } else { false }
    }

    var isClosed: Bool {
        if case .closed = state { true } else { false }
    }

    enum ConnectAction: Equatable {
        case none
        case connect(attempt: Int)
    }

    mutating func start() -> ConnectAction {
        guard case .idle = state else { return .none }
        return connect()
    }

    /// The delay after a failed attempt is over.
    mutating func backoffElapsed() -> ConnectAction {
        guard case .backingOff = state else { return .none }
        return connect()
    }

    private mutating func connect() -> ConnectAction {
        attempt += 1
        state = .connecting
        return .connect(attempt: attempt)
    }

    enum ConnectedAction {
        /// The connection belongs to an attempt that was given up.
        case discard
        case send([[RedisArgument]])
    }

    mutating func connected(attempt: Int) -> ConnectedAction {
        guard attempt == self.attempt, case .connecting = state else { return .discard }
        state = .handshaking(handshake)
        return .send(handshake.commands)
    }

    enum ReplyAction: Equatable {
        case none
        case becameReady
        case fail(RedisLinkFailure)
    }

    /// A reply that came before the link was ready.
    mutating func handshakeReply(_ reply: RedisValue, attempt: Int, now: NIODeadline) -> ReplyAction {
        guard attempt == self.attempt, case .handshaking(var handshake) = state else { return .none }
        switch handshake.receive(reply) {
        case .wait:
            state = .handshaking(handshake)
            return .none
        case .finished:
            state = .ready(since: now)
            return .becameReady
        case .failed(let failure):
            return .fail(failure)
        }
    }

    enum FailureAction: Equatable {
        /// Nothing was under way, or it was an earlier attempt that failed.
        case none
        case backOff(TimeAmount, wasReady: Bool)
    }

    /// The attempt failed, or the connection it led to ended or is of no more use.
    mutating func failed(attempt: Int, now: NIODeadline) -> FailureAction {
        guard attempt == self.attempt else { return .none }
        switch state {
        case .idle, .backingOff, .closed:
            return .none
        case .connecting, .handshaking:
            state = .backingOff
            return .backOff(backoff.next(), wasReady: false)
        case .ready(let since):
            if now - since >= settlingTime { backoff.reset() }
            state = .backingOff
            return .backOff(backoff.next(), wasReady: true)
        }
    }

    enum CloseAction: Equatable {
        case none
        case tearDown(wasReady: Bool)
    }

    mutating func close() -> CloseAction {
        if case .closed = state { return .none }
        let wasReady = isReady
        state = .closed
        return .tearDown(wasReady: wasReady)
    }
}
