public import NIOCore
public import NIOSSL

/// Limits and times of one link. The defaults suit a chat node beside its Redis.
public struct RedisLinkConfiguration: Sendable {
    /// How long a command may wait for its answer. When the oldest one on a link has waited that long, the peer
    /// counts as dead and the link is closed.
    public var commandDeadline: TimeAmount = .seconds(2)
    /// How long an attempt to connect may take, from the name lookup to the last answer of the handshake.
    public var connectTimeout: TimeAmount = .seconds(3)
    /// Commands (on a subscriber link: callers of `subscribe`) that may await their answer.
    public var maxPendingCommands = 10_000
    /// Bytes of commands that may await their answer.
    public var maxPendingBytes = 16 * 1024 * 1024
    /// Bytes of one reply. A larger one closes the link.
    public var maxReplyBytes = 64 * 1024 * 1024
    /// Elements of one array in a reply. A larger one closes the link.
    public var maxReplyElements = 1_000_000
    /// Delays between attempts to connect.
    public var backoff = RedisBackoffConfiguration()
    /// A subscriber link that heard nothing for this long sends a PING, which has to be answered within
    /// ``commandDeadline``.
    public var keepAliveInterval: TimeAmount = .seconds(5)
    /// Channels in one SUBSCRIBE when a link subscribes many.
    public var subscribeBatchSize = 500
    /// Channels and patterns one subscriber link may have.
    public var maxSubscriptions = 1_000_000
    /// What `CLIENT LIST` shows for the link. Redis allows no spaces in it.
    public var clientName: String?
    /// Used for `rediss://`; `nil` means NIOSSL's client defaults (system trust roots, full verification).
    public var tls: TLSConfiguration?

    public init() {}
}

/// Exponential backoff with full jitter: each delay is drawn evenly from zero up to a ceiling that doubles from
/// ``base`` to ``cap``, so that many nodes that lost one Redis do not come back in step.
public struct RedisBackoffConfiguration: Sendable {
    public var base: TimeAmount = .milliseconds(50)
    public var cap: TimeAmount = .seconds(2)
    /// The source of chance, 0 ..< 1. Tests put a fixed one here.
    public var jitter: @Sendable () -> Double = { Double.random(in: 0..<1) }

    public init() {}
}
