public import Logging
public import NIOCore

/// One connection to Redis for commands, which are pipelined: they leave in the order of the calls, those of one loop
/// turn in one write, and are answered in that order.
///
/// The link connects by itself and connects again when it is lost. It does not queue while it is down: commands then
/// fail at once with ``RedisError/unavailable(_:)``. Every future completes within the deadline, on ``eventLoop``.
///
/// Confined to its event loop: make it anywhere, then use it, and set its callbacks, only there. It stays alive until
/// ``close()``.
public final class RedisCommandLink {
    public var eventLoop: any EventLoop { driver.eventLoop }
    public var endpoint: RedisEndpoint { driver.endpoint }

    private let driver: LinkDriver
    private var pending: PendingCommands<CommandCompletion>
    private var writer: CommandWriter?
    private let deadlineTimer: DeadlineTimer
    /// Commands with an error of their own that go down with the link. They hear of it first, but not before the link
    /// has stopped taking commands: a retry made on hearing it must not go to the connection that is being given up.
    private var failing: [(completion: CommandCompletion, error: RedisError)] = []

    /// - Parameter scripts: loaded in every handshake, before the link is ready. Only these may be run.
    public init(
        endpoint: RedisEndpoint,
        eventLoop: any EventLoop,
        scripts: [RedisScript] = [],
        configuration: RedisLinkConfiguration = .init(),
        logger: Logger
    ) {
        driver = LinkDriver(
            endpoint: endpoint,
            eventLoop: eventLoop,
            handshake: Handshake(
                endpoint: endpoint,
                scripts: scripts,
                clientName: configuration.clientName,
                selectsDatabase: true
            ),
            configuration: configuration,
            logger: logger
        )
        pending = PendingCommands(
            deadline: configuration.commandDeadline,
            maxCount: configuration.maxPendingCommands,
            maxBytes: configuration.maxPendingBytes
        )
        deadlineTimer = DeadlineTimer(eventLoop: eventLoop)
    }

    /// Begins to connect. Later calls do nothing.
    public func start() {
        eventLoop.assertInEventLoop()
        guard state != .closed else { return }
        deadlineTimer.onFire = { self.expire() }
        driver.start(delegate: self)
    }

    /// Closes the link for good. Commands that await their answer fail with ``RedisError/connectionLost``.
    ///
    /// - Returns: a future that succeeds when the connection is closed.
    @discardableResult
    public func close() -> EventLoopFuture<Void> {
        eventLoop.assertInEventLoop()
        defer { deadlineTimer.invalidate() }
        return driver.close()
    }

    /// Gives up the connection, if there is one, and connects again, as if Redis had closed it.
    public func reconnect(reason: String) {
        eventLoop.assertInEventLoop()
        driver.fail(RedisLinkFailure(kind: .lost, reason: reason))
    }

    // MARK: - State

    public var state: RedisLinkState { driver.state }
    /// When the link came into its ``state``.
    public var stateSince: NIODeadline { driver.stateSince }
    /// Why the link is not ready; `nil` when it is, or has not tried yet.
    public var lastFailure: RedisLinkFailure? { driver.lastFailure }
    /// Commands that await their answer, late ones included.
    public var pendingCount: Int { pending.count }

    /// Called after each change of ``state``. When a link goes down its pending commands have failed before.
    public var onStateChange: ((RedisLinkState) -> Void)? {
        get { driver.onStateChange }
        set { driver.onStateChange = newValue }
    }

    /// Called for each attempt to connect that failed and each connection that ended, before `onStateChange`.
    public var onFailure: ((RedisLinkFailure) -> Void)? {
        get { driver.onFailure }
        set { driver.onFailure = newValue }
    }

    /// A future that succeeds when the link is ready.
    ///
    /// It fails with ``RedisLinkFailure`` when `limit` is over, or before, when waiting cannot help
    /// (``RedisLinkFailure/isPermanent``). The link goes on trying all the same.
    public func whenReady(within limit: TimeAmount) -> EventLoopFuture<Void> {
        eventLoop.assertInEventLoop()
        return driver.whenReady(within: limit)
    }

    // MARK: - Commands

    /// Sends one command.
    ///
    /// - Parameters:
    ///   - arguments: the command's name and its arguments.
    ///   - deadline: how long to wait, if shorter than the link's ``RedisLinkConfiguration/commandDeadline``.
    /// - Returns: the reply. The future fails with ``RedisError``, also when the reply is an error as a whole.
    public func send(_ arguments: [RedisArgument], deadline: TimeAmount? = nil) -> EventLoopFuture<RedisValue> {
        eventLoop.assertInEventLoop()
        let promise = eventLoop.makePromise(of: RedisValue.self)
        send(byteLimit: arguments.estimatedCommandBytes, deadline: deadline, completion: .promise(promise)) {
            $0.write(arguments)
        }
        return promise.futureResult
    }

    /// As ``send(_:deadline:)``, for the command that each message needs: it is written straight into what goes out, and
    /// the reply is looked at where it came in.
    ///
    /// - Parameters:
    ///   - count: how many arguments `write` writes, the command's name included.
    ///   - byteLimit: bytes of the whole command, at most.
    ///   - body: called once, on the link's event loop; at once when the command cannot be sent. The reply is valid only
    ///     while it runs.
    package func send(
        count: Int,
        byteLimit: Int,
        _ write: (inout CommandCursor) -> Void,
        whenAnswered body: @escaping (Result<ReplyView, RedisError>) -> Void
    ) {
        eventLoop.assertInEventLoop()
        send(byteLimit: byteLimit, deadline: nil, completion: .callback(body)) {
            $0.write(count: count, byteLimit: byteLimit, write)
        }
    }

    /// - Parameter write: returns the command's length, `nil` when it is none.
    private func send(
        byteLimit: Int, deadline: TimeAmount?, completion: CommandCompletion, _ write: (CommandWriter) -> Int?
    ) {
        guard driver.isReady, let writer else {
            return completion.fail(.unavailable(driver.unavailableReason))
        }
        guard pending.hasRoom(forBytes: byteLimit) else { return completion.fail(.full) }
        guard let length = write(writer) else {
            return completion.fail(.unavailable("a command without arguments, or with too many bytes"))
        }
        pending.append(completion, bytes: length, now: .now(), deadline: deadline)
        armDeadline()
    }

    /// Sends the commands of this turn now, if they are many: more would not make the write cheaper, but leave the caches.
    ///
    /// When the write fails, commands are answered, most with an error, before this returns: so not within one.
    package func sendIfMany() {
        eventLoop.assertInEventLoop()
        writer?.flushIfMany()
    }

    /// Runs one of the scripts that the link was made with, by its SHA-1.
    ///
    /// Should Redis have lost the scripts, the call fails with the server's `NOSCRIPT` and the link connects again,
    /// loading them: repeating the call by itself could let a later one overtake it.
    public func run(
        _ script: RedisScript,
        keys: [RedisArgument],
        arguments: [RedisArgument],
        deadline: TimeAmount? = nil
    ) -> EventLoopFuture<RedisValue> {
        var command: [RedisArgument] = ["EVALSHA", RedisArgument(script.sha1), RedisArgument(keys.count)]
        command.reserveCapacity(3 + keys.count + arguments.count)
        command += keys
        command += arguments
        return send(command, deadline: deadline)
    }

    private func armDeadline() {
        if let next = pending.nextDeadline { deadlineTimer.arm(at: next) }
    }

    private func expire() {
        let expiry = pending.expire(now: .now())
        failing += expiry.late.map { ($0, .timedOut) }
        if expiry.linkIsDead {
            let reason = "\(endpoint) left a command unanswered beyond the deadline"
            driver.fail(RedisLinkFailure(kind: .lost, reason: reason))
        } else {
            armDeadline()
        }
        completeFailing()
    }

    private func completeFailing() {
        guard !failing.isEmpty else { return }
        let all = failing
        failing.removeAll()
        for (completion, error) in all { completion.fail(error) }
    }
}

@available(*, unavailable)
extension RedisCommandLink: Sendable {}

extension RedisCommandLink: LinkDelegate {
    func linkBecameReady(writer: CommandWriter) {
        self.writer = writer
    }

    func linkReceived(_ reply: ReplyView) throws(RedisError) {
        let error = reply.isError ? RedisServerError(line: reply.text) : nil
        switch pending.reply() {
        case .drop:
            break
        case .unexpected:
            throw .protocolViolation("a reply that no command awaits")
        case .complete(let completion):
            if let error {
                failing.append((completion, .server(error)))
            } else {
                completion.succeed(reply)
            }
        }
        if let error, error.makesLinkUseless {
            driver.fail(RedisLinkFailure(kind: .refused(error), reason: "\(endpoint) answered \(error)"))
        }
        completeFailing()
    }

    func linkReadCompleted() {}

    func linkWentDown(_ failure: RedisLinkFailure) {
        writer = nil
        deadlineTimer.cancel()
        completeFailing()
        for completion in pending.removeAll() { completion.fail(.connectionLost) }
    }
}
