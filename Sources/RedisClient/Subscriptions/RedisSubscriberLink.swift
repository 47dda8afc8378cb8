public import Logging
public import NIOCore

/// One connection to Redis for subscriptions.
///
/// It connects by itself, connects again when it is lost, and then subscribes again, in batches, whatever Redis had
/// confirmed before. Pub/sub is at most once: what was published meanwhile is gone. ``onResubscribed`` says for which
/// channels there may be a gap.
///
/// Confined to its event loop: make it anywhere, then use it, and set its callbacks, only there. All callbacks come on
/// that loop. It stays alive until ``close()``.
public final class RedisSubscriberLink {
    public var eventLoop: any EventLoop { driver.eventLoop }
    public var endpoint: RedisEndpoint { driver.endpoint }

    /// A message: the channel's name (the very string that was subscribed, no copy), the subject that it was subscribed
    /// with last, and the payload, whose memory is shared with what was read with it: who keeps it for long makes a copy.
    public var onMessage: ((_ channel: String, _ subject: AnyObject?, _ payload: ByteBuffer) -> Void)?
    /// A message that a pattern asked for. A channel that is subscribed as well is reported to both.
    public var onPatternMessage: ((_ pattern: String, _ channel: String, _ payload: ByteBuffer) -> Void)?
    /// All messages of one read have been passed: the place to flush what they caused.
    public var onReadComplete: (() -> Void)?
    /// After a new connection: Redis has confirmed these channels again. Called once for each batch. Messages on them
    /// may have come since the confirmation, just before this call.
    public var onResubscribed: ((_ channels: [String]) -> Void)?
    /// As ``onResubscribed``, for patterns.
    public var onPatternsResubscribed: ((_ patterns: [String]) -> Void)?

    let driver: LinkDriver
    /// By the kind's raw value.
    var tables: [SubscriptionTable<EventLoopPromise<Void>>]
    var outbox: SubscriptionOutbox
    var sent = SentRequests()
    var writer: CommandWriter?
    var sendIsScheduled = false
    /// Names that were confirmed again and not reported yet.
    var resubscribed: [SubscriptionKind: [String]] = [:]
    let watchdog: DeadlineTimer
    var lastRead = NIODeadline.now()

    public init(
        endpoint: RedisEndpoint,
        eventLoop: any EventLoop,
        configuration: RedisLinkConfiguration = .init(),
        logger: Logger
    ) {
        driver = LinkDriver(
            endpoint: endpoint,
            eventLoop: eventLoop,
            handshake: Handshake(
                endpoint: endpoint,
                scripts: [],
                clientName: configuration.clientName,
                selectsDatabase: false
            ),
            configuration: configuration,
            logger: logger
        )
        tables = SubscriptionKind.allCases.map { _ in SubscriptionTable() }
        outbox = SubscriptionOutbox(batchSize: configuration.subscribeBatchSize)
        watchdog = DeadlineTimer(eventLoop: eventLoop)
    }

    /// Begins to connect. Later calls do nothing.
    public func start() {
        eventLoop.assertInEventLoop()
        guard state != .closed else { return }
        watchdog.onFire = { self.checkPulse() }
        driver.start(delegate: self)
    }

    /// Closes the link for good. Those who wait for a confirmation get ``RedisError/connectionLost``.
    ///
    /// - Returns: a future that succeeds when the connection is closed.
    @discardableResult
    public func close() -> EventLoopFuture<Void> {
        eventLoop.assertInEventLoop()
        defer { watchdog.invalidate() }
        return driver.close()
    }

    /// Gives up the connection, if there is one, and connects again: for an owner who found the link deaf.
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

    /// Called after each change of ``state``. `.ready` comes before the subscriptions are back: see
    /// ``onResubscribed``.
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

    // MARK: - Subscriptions

    /// Subscribes a channel. Requests of one loop turn leave in one command.
    ///
    /// - Parameter subject: what ``onMessage`` is called with: whoever gets each message need not look for what it belongs
    ///   to. Held until the subscription ends.
    /// - Returns: a future that succeeds when Redis has confirmed: what is published from then on arrives. At once
    ///   when it is subscribed already. It fails with ``RedisError``, and the channel then is not subscribed because of
    ///   this call; ``RedisError/unavailable(_:)`` also when ``unsubscribe(_:)`` came before the confirmation.
    public func subscribe(_ channel: String, subject: AnyObject? = nil) -> EventLoopFuture<Void> {
        subscribe(channel, .channel, subject: subject)
    }

    /// Ends a subscription, also one that is just being made or that a lost connection had. No message of the channel
    /// is reported after this call.
    public func unsubscribe(_ channel: String) {
        unsubscribe(channel, .channel)
    }

    /// As ``subscribe(_:)``, for all channels that match a glob pattern.
    public func patternSubscribe(_ pattern: String) -> EventLoopFuture<Void> {
        subscribe(pattern, .pattern)
    }

    /// As ``unsubscribe(_:)``, for a pattern.
    public func patternUnsubscribe(_ pattern: String) {
        unsubscribe(pattern, .pattern)
    }

    /// Channels and patterns the link has or is about to have.
    public var subscriptionCount: Int { tables.reduce(0) { $0 + $1.count } }

    /// Whether Redis has confirmed the channel on the connection there is now.
    public func isSubscribed(_ channel: String) -> Bool {
        tables[SubscriptionKind.channel.rawValue].state(of: channel) == .subscribed
    }
}

@available(*, unavailable)
extension RedisSubscriberLink: Sendable {}
