internal import Logging
internal import NIOCore

/// What a link does with its connection. All calls are on the link's event loop.
protocol LinkDelegate: AnyObject {
    /// The handshake is done. `onStateChange` follows.
    func linkBecameReady(writer: CommandWriter)
    /// A reply after the handshake. Throwing ends the connection.
    func linkReceived(_ reply: ReplyView) throws(RedisError)
    /// All replies of one read have been passed.
    func linkReadCompleted()
    /// A connection that was ready is so no longer. The state has changed already; `onStateChange` follows.
    func linkWentDown(_ failure: RedisLinkFailure)
}

/// Connects, logs in, connects again: carries out what ``LinkMachine`` decides. Confined to its event loop.
final class LinkDriver {
    let endpoint: RedisEndpoint
    let eventLoop: any EventLoop
    let configuration: RedisLinkConfiguration
    let logger: Logger
    /// Held from the start until the link is closed: whoever waits for an answer gets one.
    private var delegate: (any LinkDelegate)?
    var onStateChange: ((RedisLinkState) -> Void)?
    var onFailure: ((RedisLinkFailure) -> Void)?

    private(set) var state = RedisLinkState.connecting
    private(set) var stateSince = NIODeadline.now()
    private(set) var lastFailure: RedisLinkFailure?

    private var machine: LinkMachine
    private var connector: Connector
    private var channel: (any Channel)?
    /// Writes of the connection whose handshake is under way.
    private var handshakeWriter: CommandWriter?
    private let connectTimer: DeadlineTimer
    private let backoffTimer: DeadlineTimer
    private let readinessWaiters: ReadinessWaiters

    init(
        endpoint: RedisEndpoint,
        eventLoop: any EventLoop,
        handshake: Handshake,
        configuration: RedisLinkConfiguration,
        logger: Logger
    ) {
        self.endpoint = endpoint
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.logger = logger
        machine = LinkMachine(handshake: handshake, backoff: configuration.backoff)
        connector = Connector(endpoint: endpoint, eventLoop: eventLoop, configuration: configuration)
        connectTimer = DeadlineTimer(eventLoop: eventLoop)
        backoffTimer = DeadlineTimer(eventLoop: eventLoop)
        readinessWaiters = ReadinessWaiters(eventLoop: eventLoop)
    }

    var isReady: Bool { state == .ready }

    /// Why commands are not taken, in words for an error.
    var unavailableReason: String {
        if state == .closed { return "the link to \(endpoint) is closed" }
        return lastFailure?.reason ?? "the link to \(endpoint) is not connected yet"
    }

    func start(delegate: any LinkDelegate) {
        self.delegate = delegate
        connect(machine.start())
    }

    func whenReady(within limit: TimeAmount) -> EventLoopFuture<Void> {
        if isReady { return eventLoop.makeSucceededVoidFuture() }
        if state == .closed { return eventLoop.makeFailedFuture(failureOfWaiting) }
        if let lastFailure, lastFailure.isPermanent { return eventLoop.makeFailedFuture(lastFailure) }
        return readinessWaiters.add(limit: limit) { self.lastFailure ?? self.failureOfWaiting }
    }

    private var failureOfWaiting: RedisLinkFailure {
        RedisLinkFailure(kind: .unreachable, reason: unavailableReason)
    }

    /// Gives up the current connection, if there is one, and connects again.
    func fail(_ failure: RedisLinkFailure) {
        failed(attempt: machine.attempt, failure)
    }

    func close() -> EventLoopFuture<Void> {
        guard case .tearDown(let wasReady) = machine.close() else {
            return channel?.closeFuture ?? eventLoop.makeSucceededVoidFuture()
        }
        connectTimer.invalidate()
        backoffTimer.invalidate()
        setState(.closed)
        if wasReady { delegate?.linkWentDown(.init(kind: .lost, reason: unavailableReason)) }
        channel?.close(promise: nil)
        readinessWaiters.complete(.failure(failureOfWaiting))
        onStateChange?(.closed)
        delegate = nil
        return channel?.closeFuture ?? eventLoop.makeSucceededVoidFuture()
    }

    private func setState(_ newState: RedisLinkState) {
        state = newState
        stateSince = .now()
    }
}

// MARK: - Connecting

extension LinkDriver {
    private func connect(_ action: LinkMachine.ConnectAction) {
        guard case .connect(let attempt) = action else { return }
        connectTimer.onFire = {
            let limit = self.configuration.connectTimeout.nanoseconds / 1_000_000
            let reason = "\(self.endpoint) did not accept and greet the connection within \(limit) ms"
            self.failed(attempt: attempt, .init(kind: .unreachable, reason: reason))
        }
        connectTimer.arm(at: .now() + configuration.connectTimeout)
        connector.connect(attempt: attempt, receiver: self).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): self.connected(channel, attempt: attempt)
            case .failure(let error): self.connectionEnded(attempt: attempt, error: error)
            }
        }
    }

    private func connected(_ channel: any Channel, attempt: Int) {
        guard case .send(let commands) = machine.connected(attempt: attempt) else {
            channel.close(promise: nil)
            return
        }
        self.channel = channel
        let writer = CommandWriter(channel: channel)
        for command in commands where writer.write(command) == nil {
            fail(.init(kind: .unreachable, reason: "no memory for the handshake with \(endpoint)"))
            return
        }
        writer.flush()
        handshakeWriter = writer
    }

    private func becameReady() {
        guard let writer = handshakeWriter else { return }
        handshakeWriter = nil
        connectTimer.cancel()
        lastFailure = nil
        setState(.ready)
        logger.debug("connected to Redis", metadata: ["redis": "\(endpoint)"])
        delegate?.linkBecameReady(writer: writer)
        readinessWaiters.complete(.success(()))
        onStateChange?(.ready)
    }

    private func failed(attempt: Int, _ failure: RedisLinkFailure) {
        guard case .backOff(let delay, let wasReady) = machine.failed(attempt: attempt, now: .now()) else { return }
        connectTimer.cancel()
        // A dead Redis is tried for as long as it takes; the same words again and again help nobody.
        let level: Logger.Level = wasReady || lastFailure != failure ? .warning : .debug
        lastFailure = failure
        handshakeWriter = nil
        let dead = channel
        channel = nil
        backoffTimer.onFire = { self.connect(self.machine.backoffElapsed()) }
        backoffTimer.arm(at: .now() + delay)
        if wasReady { setState(.connecting) }
        logger.log(
            level: level,
            wasReady ? "lost Redis, connecting again" : "cannot connect to Redis, trying again",
            metadata: ["redis": "\(endpoint)", "reason": "\(failure)", "delay_ms": "\(delay.nanoseconds / 1_000_000)"]
        )
        dead?.close(promise: nil)
        if wasReady { delegate?.linkWentDown(failure) }
        if failure.isPermanent { readinessWaiters.complete(.failure(failure)) }
        onFailure?(failure)
        if wasReady, state == .connecting { onStateChange?(.connecting) }
    }
}

// MARK: - What the connection reads

extension LinkDriver: ReplyReceiver {
    func received(_ reply: ReplyView, attempt: Int) throws(RedisError) {
        guard attempt == machine.attempt else { return }
        if isReady {
            try delegate?.linkReceived(reply)
            return
        }
        switch machine.handshakeReply(reply.value(), attempt: attempt, now: .now()) {
        case .none: break
        case .becameReady: becameReady()
        case .fail(let failure): failed(attempt: attempt, failure)
        }
    }

    func readCompleted(attempt: Int) {
        guard isReady, attempt == machine.attempt else { return }
        delegate?.linkReadCompleted()
    }

    func connectionEnded(attempt: Int, error: any Error) {
        failed(attempt: attempt, RedisLinkFailure(error, wasReady: isReady, endpoint: endpoint))
    }
}
