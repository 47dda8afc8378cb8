internal import NIOCore

/// What comes in.
extension RedisSubscriberLink: LinkDelegate {
    func linkBecameReady(writer: CommandWriter) {
        self.writer = writer
        lastRead = .now()
        for kind in SubscriptionKind.allCases { resubscribe(kind) }
        armWatchdog()
    }

    func linkReceived(_ reply: ReplyView) throws(RedisError) {
        if reply.isError {
            try refused(RedisServerError(line: reply.text))
            return
        }
        // As long as nothing is subscribed Redis answers PING as it does everywhere.
        guard reply.isArray else {
            guard sent.confirmPing() else { throw .protocolViolation("a reply that nothing asked for") }
            return
        }
        guard let word = reply[0], let name = reply[1], let push = PushKind(word.bytes) else {
            throw .protocolViolation("an unknown kind of push")
        }
        switch push {
        case .message:
            guard let payload = reply[2] else { throw .protocolViolation("a message without a payload") }
            guard let wanted = tables[SubscriptionKind.channel.rawValue].wanted(name.bytes) else { return }
            onMessage?(wanted.name, wanted.subject, payload.shared)
        case .patternMessage:
            guard let channel = reply[2], let payload = reply[3] else {
                throw .protocolViolation("a message without a payload")
            }
            guard let wanted = tables[SubscriptionKind.pattern.rawValue].wanted(name.bytes) else { return }
            onPatternMessage?(wanted.name, channel.text, payload.copy)
        case .confirmation(let verb, let kind):
            try confirmed(verb, kind, name.bytes)
        case .pong:
            guard sent.confirmPing() else { throw .protocolViolation("a PONG out of turn") }
        }
    }

    func linkReadCompleted() {
        lastRead = .now()
        reportResubscribed()
        onReadComplete?()
    }

    func linkWentDown(_ failure: RedisLinkFailure) {
        writer = nil
        watchdog.cancel()
        sent.removeAll()
        _ = outbox.takeAll()
        resubscribed.removeAll()
        var owed: [EventLoopPromise<Void>] = []
        for kind in SubscriptionKind.allCases { owed += tables[kind.rawValue].connectionLost() }
        for promise in owed { promise.fail(RedisError.connectionLost) }
    }

    private func confirmed(
        _ verb: SubscriptionVerb,
        _ kind: SubscriptionKind,
        _ bytes: UnsafeRawBufferPointer
    ) throws(RedisError) {
        guard let confirmation = sent.confirm(verb, kind, name: bytes) else {
            throw .protocolViolation("a confirmation out of turn")
        }
        let name = confirmation.name
        let action =
            switch verb {
            case .subscribe: tables[kind.rawValue].subscribeConfirmed(name)
            case .unsubscribe: tables[kind.rawValue].unsubscribeConfirmed(name)
            }
        switch action {
        case .subscribed(let waiters, let again):
            if again { resubscribed[kind, default: []].append(name) }
            for promise in waiters { promise.succeed() }
        case .sendSubscribe: request(.subscribe, kind, name)
        case .sendUnsubscribe: request(.unsubscribe, kind, name)
        case .none: break
        }
        if confirmation.endsResubscription {
            reportResubscribed()
            resubscribe(kind)
        }
    }

    private func reportResubscribed() {
        guard !resubscribed.isEmpty else { return }
        let names = resubscribed
        resubscribed.removeAll()
        if let channels = names[.channel] { onResubscribed?(channels) }
        if let patterns = names[.pattern] { onPatternsResubscribed?(patterns) }
    }

    /// An error says nothing about which name it means: all names of the request it answers share it.
    private func refused(_ error: RedisServerError) throws(RedisError) {
        guard let request = sent.refuse() else { throw .protocolViolation("an error out of turn: \(error)") }
        var isFatal = error.makesLinkUseless
        if case .names(.subscribe, let kind, let names, again: false) = request {
            for name in names {
                let action = tables[kind.rawValue].subscribeRefused(name)
                if action.wasHeld { isFatal = true }
                for promise in action.waiters { promise.fail(RedisError.server(error)) }
            }
        } else {
            isFatal = true
        }
        if isFatal {
            driver.fail(RedisLinkFailure(kind: .refused(error), reason: "\(endpoint) answered \(error)"))
        }
    }
}
