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

    private struct Subscription {
        var state: State
        /// What the owner knows the name by.
        var subject: AnyObject?
    }

    private var names = NameTable<Subscription>()
    private var waiters = NameTable<[Waiter]>()
    /// Names to be subscribed again, in the order they are taken. Those that are not `.lost` any more are skipped.
    private var lostNames: Deque<String> = []
    private(set) var waiterCount = 0

    var count: Int { names.count }

    func state(of name: String) -> State? { names[name]?.state }

    private mutating func set(_ state: State, of name: String) {
        names.update(name, default: Subscription(state: state)) { $0.state = state }
    }

    /// The name to report a message under, and its subject; `nil` when the owner does not want it (any more).
    func wanted(_ bytes: UnsafeRawBufferPointer) -> (name: String, subject: AnyObject?)? {
        guard let (name, subscription) = names.find(bytes) else { return nil }
        return switch subscription.state {
        case .subscribed, .subscribing: (name, subscription.subject)
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

    /// - Parameter subject: what messages are reported with from now on.
    mutating func subscribe(_ name: String, waiter: Waiter, subject: AnyObject? = nil) -> SubscribeAction {
        defer { names.update(name, default: Subscription(state: .subscribed)) { $0.subject = subject } }
        let action: SubscribeAction
        switch state(of: name) {
        case .subscribed:
            return .alreadySubscribed
        case .subscribing, .unsubscribingWanted:
            action = .wait
        case .subscribingUnwanted:
            set(.subscribing(again: false), of: name)
            action = .wait
        case .unsubscribing:
            set(.unsubscribingWanted, of: name)
            action = .wait
        case .lost:
            set(.subscribing(again: true), of: name)
            action = .send
        case nil:
            set(.subscribing(again: false), of: name)
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
        switch state(of: name) {
        case nil, .subscribingUnwanted, .unsubscribing:
            return UnsubscribeAction(sends: false)
        case .lost:
            names[name] = nil
            return UnsubscribeAction(sends: false)
        case .subscribed:
            set(.unsubscribing, of: name)
            return UnsubscribeAction(sends: true)
        case .subscribing:
            set(.subscribingUnwanted, of: name)
            return UnsubscribeAction(sends: false, abandoned: takeWaiters(name))
        case .unsubscribingWanted:
            set(.unsubscribing, of: name)
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
        switch state(of: name) {
        case .subscribing(let again):
            set(.subscribed, of: name)
            return .subscribed(takeWaiters(name), again: again)
        case .subscribingUnwanted:
            set(.unsubscribing, of: name)
            return .sendUnsubscribe
        case nil, .subscribed, .unsubscribing, .unsubscribingWanted, .lost:
            return .none
        }
    }

    mutating func unsubscribeConfirmed(_ name: String) -> ConfirmAction {
        switch state(of: name) {
        case .unsubscribing:
            names[name] = nil
            return .none
        case .unsubscribingWanted:
            set(.subscribing(again: false), of: name)
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
        switch state(of: name) {
        case .subscribing(let again):
            if again { set(.lost, of: name) } else { names[name] = nil }
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

        var kept = NameTable<Subscription>()
        lostNames.removeAll()
        names.forEach { name, subscription in
            switch subscription.state {
            case .subscribed, .lost, .subscribing(again: true):
                kept[name] = Subscription(state: .lost, subject: subscription.subject)
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
            guard state(of: name) == .lost else { continue }
            set(.subscribing(again: true), of: name)
            batch.append(name)
        }
        return batch
    }
}
