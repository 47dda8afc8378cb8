import ChatProtocol
public import NIOCore

/// Handing a fallback session's posts to the node that has the session, whichever node they came to.
extension RoomHub {
    /// Takes posts to sessions of this node, on the hub's event loop; the promise may belong to any loop.
    public typealias PostReceiver = (StreamPost, EventLoopPromise<PostAnswer>) -> Void

    /// Hands a post to its session's node and completes the promise with what became of it.
    ///
    /// A session of a node that is gone is unknown; of one that may only be out of reach, unavailable.
    public func forward(_ post: StreamPost, promise: EventLoopPromise<PostAnswer>) {
        guard let owner = post.owner?.node else { return promise.succeed(.unknown) }
        let answered = self.eventLoop.makePromise(of: PostAnswer.self)
        guard let ticket = self.posts.add(answered, now: .now()) else { return promise.succeed(.unavailable) }
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        answered.futureResult.whenSuccess { answer in
            // No answer is one, too: a node without a lease will not give any.
            let hub = hub.value
            let mayLive = hub.ownNodes.contains(owner) || hub.living.contains(owner) || !hub.health.isUp
            promise.succeed(answer == .unavailable && !mayLive ? .unknown : answer)
        }
        guard !self.ownNodes.contains(owner) else { return self.receive(post, ticket: ticket) }
        let notice = PostNotice.post(post, from: self.node, ticket: ticket)
        self.presenceStore.publish(notice.encoded(), to: .posts(owner)).whenComplete { result in
            if (try? result.get()) ?? 0 == 0 { hub.value.posts.answer(ticket, .unavailable) }
        }
    }

    /// A post to a session of this node came to this node.
    private func receive(_ post: StreamPost, ticket: UInt64) {
        guard let receiver = self.onPost else { return self.posts.answer(ticket, .unavailable) }
        let promise = self.eventLoop.makePromise(of: PostAnswer.self)
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        promise.futureResult.whenSuccess { hub.value.posts.answer(ticket, $0) }
        receiver(post, promise)
    }

    /// Another node hands over a post, or answers one of ours.
    func receivedPost(_ payload: ByteBuffer) {
        switch PostNotice(payload) {
        case .answer(let answer, let ticket):
            self.posts.answer(ticket, answer)
        case .post(let post, let from, let ticket):
            guard let receiver = self.onPost else { return }
            let promise = self.eventLoop.makePromise(of: PostAnswer.self)
            let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
            promise.futureResult.whenSuccess { answer in
                hub.value.presenceStore.publish(PostNotice.answer(answer, ticket: ticket).encoded(), to: .posts(from))
            }
            receiver(post, promise)
        case nil: return
        }
    }
}
