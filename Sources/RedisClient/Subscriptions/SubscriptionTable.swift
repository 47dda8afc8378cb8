internal import DequeModule

/// The subscriptions of one kind, as a value: for each name, what Redis was asked last and what the owner wants.
///
/// Of one name at most one request is under way, so its confirmation is never ambiguous and the last wish wins.
/// `Waiter` is what is owed to somebody who waits for the confirmation: a promise, in tests a number.
struct SubscriptionTable<Waiter> {
    enum State: Equatable {
        /// We are waiting for Redis to confirm. `again`: the name was subscribed on the connection before.
        case subscribing(again: Bool)
        /// Redis has confirmed.
        case subscribed
        /// We are waiting for Redis to confirm what is no longer wanted; then we unsubscribe.
        case subscribingUnwanted
        /// We are waiting for Redis to confirm the end.
        case unsubscribing
        /// As above, but the name is wanted again since; then we subscribe.
        case unsubscribingWanted
        /// Was subscribed when the connection was lost. Its turn on the new one has not come yet.
        case lost
    }

    private var names = NameTable<State>()
    private var waiters = NameTable<[Waiter]>()
    /// Names to be subscribed again, in the order they are taken. Those that are not `.lost` any more are skipped.
    private var lostNames: Deque<String> = []
    private(set) var waiterCount = 0

    var count: Int { names.count }

    func state(of name: String) -> State? { names[name] }

    /// The name to report a message under; `nil` when the owner does not want it (any more).
    func wantedName(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard let (name, state) = names.find(bytes) else { return nil }
        return switch state {
        case .subscribed, .subscribing: name
        case .subscribingUnwanted, .unsubscribing, .unsubscribingWanted, .lost: nil
        }
    }

    private mutating func takeWaiters(_ name: String) -> [Waiter] {
        guard let taken = waiters[name] else { return [] }
        waiters[name] = nil
        waiterCount -= taken.count
        return taken
    }
}

// MARK: - What the owner wants

extension SubscriptionTable {
    enum SubscribeAction: Equatable {
        /// Nothing to wait for; the waiter was not kept.
        case alreadySubscribed
        case send
        case wait
    }

    mutating func subscribe(_ name: String, waiter: Waiter) -> SubscribeAction {
        let action: SubscribeAction
        switch names[name] {
        case .subscribed:
            return .alreadySubscribed
        case .subscribing, .unsubscribingWanted:
            action = .wait
        case .subscribingUnwanted:
            names[name] = .subscribing(again: false)
            action = .wait
        case .unsubscribing:
            names[name] = .unsubscribingWanted
            action = .wait
        case .lost:
            names[name] = .subscribing(again: true)
            action = .send
        case nil:
            names[name] = .subscribing(again: false)
            action = .send
        }
        waiters.update(name, default: []) { $0.append(waiter) }
        waiterCount += 1
        return action
    }

    struct UnsubscribeAction {
        var sends: Bool
        /// They wait for a subscription that nobody wants any more.
        var abandoned: [Waiter] = []
    }

    mutating func unsubscribe(_ name: String) -> UnsubscribeAction {
        switch names[name] {
        case nil, .subscribingUnwanted, .unsubscribing:
            return UnsubscribeAction(sends: false)
        case .lost:
            names[name] = nil
            return UnsubscribeAction(sends: false)
        case .subscribed:
            names[name] = .unsubscribing
            return UnsubscribeAction(sends: true)
        case .subscribing:
            names[name] = .subscribingUnwanted
            return UnsubscribeAction(sends: false, abandoned: takeWaiters(name))
        case .unsubscribingWanted:
            names[name] = .unsubscribing
            return UnsubscribeAction(sends: false, abandoned: takeWaiters(name))
        }
    }
}

// MARK: - What Redis says

extension SubscriptionTable {
    enum ConfirmAction {
        case none
        case subscribed([Waiter], again: Bool)
        case sendSubscribe
        case sendUnsubscribe
    }

    mutating func subscribeConfirmed(_ name: String) -> ConfirmAction {
        switch names[name] {
        case .subscribing(let again):
            names[name] = .subscribed
            return .subscribed(takeWaiters(name), again: again)
        case .subscribingUnwanted:
            names[name] = .unsubscribing
            return .sendUnsubscribe
        case nil, .subscribed, .unsubscribing, .unsubscribingWanted, .lost:
            return .none
        }
    }

    mutating func unsubscribeConfirmed(_ name: String) -> ConfirmAction {
        switch names[name] {
        case .unsubscribing:
            names[name] = nil
            return .none
        case .unsubscribingWanted:
            names[name] = .subscribing(again: false)
            return .sendSubscribe
        case nil, .subscribing, .subscribed, .subscribingUnwanted, .lost:
            return .none
        }
    }

    struct RefusedAction {
        var waiters: [Waiter] = []
        /// The owner counts on this subscription: it was there before the connection was lost.
        var wasHeld = false
    }

    /// Redis refused to subscribe the name.
    mutating func subscribeRefused(_ name: String) -> RefusedAction {
        switch names[name] {
        case .subscribing(let again):
            names[name] = again ? .lost : nil
            return RefusedAction(waiters: takeWaiters(name), wasHeld: again)
        case .subscribingUnwanted:
            names[name] = nil
            return RefusedAction()
        case nil, .subscribed, .unsubscribing, .unsubscribingWanted, .lost:
            return RefusedAction()
        }
    }

    /// What was confirmed is kept, to be subscribed again; the rest is forgotten.
    ///
    /// - Returns: those who waited.
    mutating func connectionLost() -> [Waiter] {
        var owed: [Waiter] = []
        waiters.forEach { _, waiting in owed += waiting }
        waiters = NameTable()
        waiterCount = 0

        var kept = NameTable<State>()
        lostNames.removeAll()
        names.forEach { name, state in
            switch state {
            case .subscribed, .lost, .subscribing(again: true):
                kept[name] = .lost
                lostNames.append(name)
            case .subscribing(again: false), .subscribingUnwanted, .unsubscribing, .unsubscribingWanted:
                break
            }
        }
        names = kept
        return owed
    }

    /// The next names to subscribe again, at most `limit`; they count as being subscribed from now on.
    mutating func takeLost(_ limit: Int) -> [String] {
        var batch: [String] = []
        while batch.count < limit, let name = lostNames.popFirst() {
            guard names[name] == .lost else { continue }
            names[name] = .subscribing(again: true)
            batch.append(name)
        }
        return batch
    }
}
