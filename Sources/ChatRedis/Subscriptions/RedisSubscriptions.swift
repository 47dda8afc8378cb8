public import ChatCore
internal import ChatProtocol
public import NIOCore
public import RedisClient

/// The live feeds over one subscriber link, whose callbacks it takes. Used on the link's event loop only.
///
/// Make it, set ``receiver``, then start the link.
public final class RedisSubscriptions: Subscriptions {
    public weak var receiver: (any SubscriptionReceiver)?

    private let link: RedisSubscriberLink
    private let keys: RedisKeys
    private var topics: [String: Topic] = [:]
    private var isUp = false

    public init(link: RedisSubscriberLink, keys: RedisKeys) {
        self.link = link
        self.keys = keys
        self.isUp = link.state == .ready
        link.onMessage = { [weak self] _, subject, payload in
            guard let subject = subject as? TopicSubject else { return }
            self?.receiver?.received(payload, for: subject)
        }
        link.onReadComplete = { [weak self] in
            self?.receiver?.receivedAll()
        }
        link.onResubscribed = { [weak self] channels in
            guard let self else { return }
            let topics = channels.compactMap { self.topics[$0] }
            if !topics.isEmpty { self.receiver?.resubscribed(topics) }
        }
        link.onStateChange = { [weak self] state in
            self?.stateChanged(state)
        }
    }

    /// Channels that the link has or is about to have.
    public var count: Int { self.topics.count }

    public func subscribe(_ subject: TopicSubject) -> EventLoopFuture<Void> {
        let channel = self.keys.channel(subject.topic)
        self.topics[channel] = subject.topic
        let subscribed = self.link.subscribe(channel, subject: subject)
        subscribed.assumeIsolated().whenFailure { _ in
            if !self.link.isSubscribed(channel) { self.topics[channel] = nil }
        }
        return subscribed.storeErrors()
    }

    public func unsubscribe(_ topic: Topic) {
        let channel = self.keys.channel(topic)
        self.topics[channel] = nil
        self.link.unsubscribe(channel)
    }

    public func reconnect(reason: String) {
        self.link.reconnect(reason: reason)
    }

    private func stateChanged(_ state: RedisLinkState) {
        let isUp = state == .ready
        // Attempts that fail change the state, too; the receiver cares for up and down only.
        guard isUp != self.isUp else { return }
        self.isUp = isUp
        self.receiver?.linkChanged(isUp: isUp)
    }
}

@available(*, unavailable)
extension RedisSubscriptions: Sendable {}

extension RedisKeys {
    func channel(_ topic: Topic) -> String {
        switch topic {
        case .room(let room): self.roomChannel(room)
        case .user(let user): self.userChannel(user)
        case .echo(let node): self.node(node) + ":echo"
        case .posts(let node): self.node(node) + ":posts"
        }
    }
}
