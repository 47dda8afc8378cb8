internal import NIOCore

/// What goes out.
extension RedisSubscriberLink {
    func subscribe(
        _ name: String, _ kind: SubscriptionKind, subject: AnyObject? = nil
    ) -> EventLoopFuture<Void> {
        eventLoop.assertInEventLoop()
        guard driver.isReady else {
            return eventLoop.makeFailedFuture(RedisError.unavailable(driver.unavailableReason))
        }
        let waiting = tables.reduce(0) { $0 + $1.waiterCount }
        guard waiting < driver.configuration.maxPendingCommands,
            subscriptionCount < driver.configuration.maxSubscriptions
        else { return eventLoop.makeFailedFuture(RedisError.full) }

        let promise = eventLoop.makePromise(of: Void.self)
        switch tables[kind.rawValue].subscribe(name, waiter: promise, subject: subject) {
        case .send: request(.subscribe, kind, name)
        case .wait: break
        case .alreadySubscribed: promise.succeed()
        }
        return promise.futureResult
    }

    func unsubscribe(_ name: String, _ kind: SubscriptionKind) {
        eventLoop.assertInEventLoop()
        let action = tables[kind.rawValue].unsubscribe(name)
        if action.sends { request(.unsubscribe, kind, name) }
        for promise in action.abandoned {
            promise.fail(RedisError.unavailable("unsubscribed before Redis had confirmed the subscription"))
        }
    }

    func request(_ verb: SubscriptionVerb, _ kind: SubscriptionKind, _ name: String) {
        outbox.append(verb, kind, name)
        guard !sendIsScheduled else { return }
        sendIsScheduled = true
        eventLoop.assumeIsolated().execute { self.sendOutbox() }
    }

    private func sendOutbox() {
        sendIsScheduled = false
        for (verb, kind, names) in outbox.takeAll() {
            send(.names(verb, kind, names, again: false))
        }
        writer?.flush()
    }

    /// Subscribes the next batch of what the connection before had. The one after it goes when this one is confirmed,
    /// so that a large number of names does not fill Redis's output buffer.
    func resubscribe(_ kind: SubscriptionKind) {
        let names = tables[kind.rawValue].takeLost(max(1, driver.configuration.subscribeBatchSize))
        guard !names.isEmpty else { return }
        send(.names(.subscribe, kind, names, again: true))
        writer?.flush()
    }

    private func send(_ request: SentRequests.Request) {
        guard let writer else { return }
        guard writer.write(request.command) != nil else {
            driver.fail(RedisLinkFailure(kind: .lost, reason: "no memory to subscribe at \(endpoint)"))
            return
        }
        let now = NIODeadline.now()
        sent.append(request, now: now)
        watchdog.arm(at: now + driver.configuration.commandDeadline)
    }

    /// The watchdog's time has come: is a confirmation overdue, or was the link silent for so long that we have to ask?
    func checkPulse() {
        guard driver.isReady else { return }
        let now = NIODeadline.now()
        let deadline = driver.configuration.commandDeadline
        if let oldest = sent.oldestSentAt, oldest + deadline <= now {
            let reason = "\(endpoint) left a subscription or a ping unanswered beyond the deadline"
            driver.fail(RedisLinkFailure(kind: .lost, reason: reason))
            return
        }
        if sent.isEmpty, lastRead + driver.configuration.keepAliveInterval <= now {
            send(.ping)
            writer?.flush()
        }
        armWatchdog()
    }

    func armWatchdog() {
        if let oldest = sent.oldestSentAt {
            watchdog.arm(at: oldest + driver.configuration.commandDeadline)
        } else {
            watchdog.arm(at: lastRead + driver.configuration.keepAliveInterval)
        }
    }
}

extension SentRequests.Request {
    fileprivate var command: [RedisArgument] {
        switch self {
        case .names(.subscribe, let kind, let names, _): [kind.subscribeCommand] + names.map { RedisArgument($0) }
        case .names(.unsubscribe, let kind, let names, _): [kind.unsubscribeCommand] + names.map { RedisArgument($0) }
        case .ping: ["PING"]
        }
    }
}
