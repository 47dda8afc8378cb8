public import ChatProtocol
public import NIOCore

/// The live feeds of rooms and users from Redis. Used on the hub's event loop only.
public protocol Subscriptions: AnyObject {
    /// Where the events go. Set once, before ``start()``.
    var receiver: (any SubscriptionReceiver)? { get set }

    /// Completes when Redis has confirmed: from then on nothing published is missed while the link stays up.
    ///
    /// - Parameter subject: held until the subscription ends, or its topic is subscribed with another one.
    func subscribe(_ subject: TopicSubject) -> EventLoopFuture<Void>
    func unsubscribe(_ topic: Topic)

    /// Gives up the link and connects again: it looks healthy but brings nothing.
    func reconnect(reason: String)
}

extension Subscriptions {
    public func subscribe(_ topic: Topic) -> EventLoopFuture<Void> {
        self.subscribe(TopicSubject(topic))
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

/// What a topic is subscribed with: the receiver gets the very object with each payload, and need not look for what that
/// belongs to. May be inherited from by what it belongs to.
open class TopicSubject {
    public final let topic: Topic

    public init(_ topic: Topic) {
        self.topic = topic
    }
}

@available(*, unavailable)
extension TopicSubject: Sendable {}

/// Receives what is published, on the hub's event loop, in the order published.
public protocol SubscriptionReceiver: AnyObject {
    /// A payload published to a topic: an entry, or an ephemeral event. Its memory is shared with all that was read with it:
    /// who keeps it for longer than it takes to deliver it makes a copy.
    ///
    /// - Parameter subject: what the topic was subscribed with.
    func received(_ payload: ByteBuffer, for subject: TopicSubject)
    /// Everything that arrived in one read has been handed over: pass it on now.
    func receivedAll()
    /// The link was down and these topics are subscribed again: what was published in between is missing.
    func resubscribed(_ topics: [Topic])
    /// The link went down (false) or is up again (true).
    func linkChanged(isUp: Bool)
}
