import ChatProtocol
import NIOCore

extension Inbox: SessionCommand {
    /// Milliseconds after which a session may ask again that has asked before it was answered.
    private static let patience: Int64 = 500

    func run(in session: Session, id: String?) {
        guard let identity = session.identity else { return }
        // Counting what is unread is the dearest thing a session can ask of Redis.
        guard !session.isReadingInbox else {
            let error = FrameError(.rateLimited, "one 'inbox' after another", retryAfter: Self.patience)
            return session.refuse(error, re: id)
        }
        session.isReadingInbox = true
        let bound = NIOLoopBound(session, eventLoop: session.loop.eventLoop)
        session.loop.conversations.conversations(
            of: identity.user, isOperator: identity.isOperator, scope: identity.scope, after: self.after,
            limit: self.limit
        ).whenComplete { result in
            bound.value.isReadingInbox = false
            switch result {
            case .success(let page):
                let list = ConversationList(re: id, conversations: page.conversations, after: page.next)
                bound.value.tell(.inbox(list))
            case .failure(let error):
                bound.value.refuse(FrameError(unavailable: error), re: id)
            }
        }
    }
}
