public import ChatProtocol
public import NIOCore

/// The live feeds of rooms and users from Redis. Used on the hub's event loop only.
public protocol Subscriptions: AnyObject {
    /// Where the events go. Set once, before ``start()``.
    var receiver: (any SubscriptionReceiver)? { get set }

    /// Completes when Redis has confirmed: from then on nothing published is missed while the link stays up.
    ///
    /// - Parameter subject: what the receiver gets with each payload of the topic, so that it need not look for what that
    ///   belongs to. Held until the subscription ends.
    func subscribe(_ topic: Topic, subject: AnyObject?) -> EventLoopFuture<Void>
    func unsubscribe(_ topic: Topic)

    /// Gives up the link and connects again: it looks healthy but brings nothing.
    func reconnect(reason: String)
}

extension Subscriptions {
    public func subscribe(_ topic: Topic) -> EventLoopFuture<Void> {
        self.subscribe(topic, subject: nil)
    }
}

/// What a node can subscribe to.
public enum Topic: Hashable, Sendable {
    case room(RoomName)
    case user(UserID)
    /// What a node publishes to itself, to prove that its link still brings something.
    case echo(NodeID)
    /// What other nodes hand to a node: posts of its fallback sessions, and answers.
    case posts(NodeID)
}

/// Receives what is published, on the hub's event loop, in the order published.
public protocol SubscriptionReceiver: AnyObject {
    /// A payload published to a topic: an entry, or an ephemeral event.
    ///
    /// - Parameter subject: what the topic was subscribed with.
    func received(_ payload: ByteBuffer, on topic: Topic, subject: AnyObject?)
    /// Everything that arrived in one read has been handed over: pass it on now.
    func receivedAll()
    /// The link was down and these topics are subscribed again: what was published in between is missing.
    func resubscribed(_ topics: [Topic])
    /// The link went down (false) or is up again (true).
    func linkChanged(isUp: Bool)
}
