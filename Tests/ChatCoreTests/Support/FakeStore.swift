import ChatCore
import ChatProtocol
import NIOCore
import NIOEmbedded
import TestSupport

/// One node's way to a ``FakeRedis``: answers in the next turn of the loop, or when the test says so, or fails.
///
/// What is asked happens at once; only the answer is held back, as when a link is slow.
final class FakeStore {
    enum Operation: Hashable {
        case append
        case change
        case head
        case open
        case entries
        case page
        case renew
        case notify
        case inbox
        case write
        case shares
        case members
        case share
        case heartbeat
        case arrive
        case rename
        case find
        case profile
        case setting
        case visit
        case policy
        case moderate
        case read
        case list
        case subscribe
    }

    let redis: FakeRedis
    let node: NodeID
    weak var receiver: (any SubscriptionReceiver)?
    /// How often it was told that what came in on a connection has been taken.
    var readsTold = 0
    /// What it is subscribed to.
    var topics: Set<Topic> = []
    private var subjects: [Topic: TopicSubject] = [:]
    private(set) var linkIsUp = true
    /// Operations that fail, without having happened.
    var failing: Set<Operation> = []
    private var heldOperations: Set<Operation> = []
    private var heldReplies: [(operation: Operation, reply: () -> Void)] = []
    /// How often something was asked for.
    private(set) var calls: [Operation: Int] = [:]
    /// Users taken off the node's list, and those on it.
    var departed: [UserID] = []
    var shown: [UserID: String] = [:]
    var dead: Set<NodeID> = []
    /// What the next heartbeat says of the lease.
    var leaseIsValid = true
    var nextNode: NodeID?
    /// The node was killed: it beats no more.
    var isGone = false

    init(redis: FakeRedis, node: NodeID) {
        self.redis = redis
        self.node = node
        redis.stores.append(self)
    }

    var eventLoop: EmbeddedEventLoop { redis.eventLoop }

    func perform<Value: Sendable>(_ operation: Operation, _ body: () -> Value) -> EventLoopFuture<Value> {
        calls[operation, default: 0] += 1
        let promise = eventLoop.makePromise(of: Value.self)
        let result: Result<Value, any Error> =
            failing.contains(operation) ? .failure(StoreError.unavailable("the test says so")) : .success(body())
        if heldOperations.contains(operation) {
            heldReplies.append((operation, { promise.completeWith(result) }))
        } else {
            eventLoop.execute { promise.completeWith(result) }
        }
        return promise.futureResult
    }

    // MARK: Slow answers

    /// From now on answers of these operations wait for ``release(_:)``.
    func hold(_ operations: Operation...) {
        heldOperations.formUnion(operations)
    }

    /// Gives the answers that wait, and holds no more.
    func release(_ operation: Operation, thenRun: Bool = true) {
        heldOperations.remove(operation)
        let replies = heldReplies.filter { $0.operation == operation }
        heldReplies.removeAll { $0.operation == operation }
        for (_, reply) in replies { reply() }
        if thenRun { eventLoop.run() }
    }

    var heldCount: Int { heldReplies.count }

    /// Gives one of the answers that wait. Answers of one operation keep their order.
    func releaseOne(_ random: inout SeededGenerator) {
        guard let chosen = heldReplies.randomElement(using: &random)?.operation,
            let index = heldReplies.firstIndex(where: { $0.operation == chosen })
        else { return }
        heldReplies.remove(at: index).reply()
        eventLoop.run()
    }

    func releaseAll() {
        heldOperations = []
        while !heldReplies.isEmpty {
            heldReplies.removeFirst().reply()
            eventLoop.run()
        }
        eventLoop.run()
    }

    // MARK: The subscriber link

    func deliver(_ payload: ByteBuffer, on topic: Topic) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute {
            bound.value.receiver?.received(payload, for: bound.value.subjects[topic] ?? TopicSubject(topic))
            bound.value.receiver?.receivedAll()
        }
    }

    func cutLink() {
        linkIsUp = false
        receiver?.linkChanged(isUp: false)
    }

    func restoreLink() {
        linkIsUp = true
        receiver?.linkChanged(isUp: true)
        receiver?.resubscribed(Array(topics))
        eventLoop.run()
    }
}

extension FakeStore: Subscriptions {
    func subscribe(_ subject: TopicSubject) -> EventLoopFuture<Void> {
        perform(.subscribe) {
            topics.insert(subject.topic)
            subjects[subject.topic] = subject
        }
    }

    func unsubscribe(_ topic: Topic) {
        topics.remove(topic)
        subjects[topic] = nil
    }

    func reconnect(reason: String) {}
}
