import Testing

@testable import RedisClient

@Suite struct SubscriptionTableTests {
    private var table = SubscriptionTable<Int>()

    private mutating func hold(_ names: String...) {
        for name in names {
            _ = table.subscribe(name, waiter: 0)
            _ = table.subscribeConfirmed(name)
        }
    }

    private func wanted(_ name: String) -> String? {
        Array(name.utf8).withUnsafeBytes { table.wanted($0)?.name }
    }

    @Test mutating func subscribesOnceAndTellsAllWhoWait() throws {
        #expect(table.subscribe("a", waiter: 1) == .send)
        #expect(table.subscribe("a", waiter: 2) == .wait)
        #expect(table.waiterCount == 2)
        guard case .subscribed([1, 2], again: false) = table.subscribeConfirmed("a") else {
            Issue.record("not confirmed")
            return
        }
        #expect(table.waiterCount == 0)
        #expect(table.subscribe("a", waiter: 3) == .alreadySubscribed)
        #expect(wanted("a") == "a")
        #expect(wanted("b") == nil)
    }

    @Test mutating func unsubscribedWhileSubscribing() {
        _ = table.subscribe("a", waiter: 1)
        let action = table.unsubscribe("a")
        #expect(!action.sends)
        #expect(action.abandoned == [1])
        #expect(wanted("a") == nil)
        guard case .sendUnsubscribe = table.subscribeConfirmed("a") else {
            Issue.record("must unsubscribe")
            return
        }
        guard case .none = table.unsubscribeConfirmed("a") else {
            Issue.record("must end")
            return
        }
        #expect(table.count == 0)
    }

    @Test mutating func theLastWishWinsWhileSubscribing() {
        _ = table.subscribe("a", waiter: 1)
        _ = table.unsubscribe("a")
        #expect(table.subscribe("a", waiter: 2) == .wait)
        guard case .subscribed([2], again: false) = table.subscribeConfirmed("a") else {
            Issue.record("must stay subscribed")
            return
        }
    }

    @Test mutating func theLastWishWinsWhileUnsubscribing() {
        hold("a")
        #expect(table.unsubscribe("a").sends)
        #expect(wanted("a") == nil)
        #expect(table.subscribe("a", waiter: 1) == .wait)
        #expect(table.unsubscribe("a").abandoned == [1])
        #expect(table.subscribe("a", waiter: 2) == .wait)
        guard case .sendSubscribe = table.unsubscribeConfirmed("a") else {
            Issue.record("must subscribe again")
            return
        }
        guard case .subscribed([2], again: false) = table.subscribeConfirmed("a") else {
            Issue.record("must be subscribed")
            return
        }
    }

    @Test mutating func aLostConnectionKeepsWhatWasConfirmed() {
        hold("kept", "leaving", "returning")
        _ = table.unsubscribe("leaving")
        _ = table.unsubscribe("returning")
        _ = table.subscribe("returning", waiter: 1)
        _ = table.subscribe("new", waiter: 2)
        #expect(table.connectionLost().sorted() == [1, 2])
        #expect(table.count == 1)
        #expect(table.state(of: "kept") == .lost)
        #expect(table.takeLost(10) == ["kept"])
        #expect(table.takeLost(10) == [])
        guard case .subscribed([], again: true) = table.subscribeConfirmed("kept") else {
            Issue.record("must be reported as subscribed again")
            return
        }
    }

    @Test mutating func lostNamesCanBeTakenOutOfTurnOrDropped() {
        hold("a", "b", "c")
        #expect(table.connectionLost().isEmpty)
        #expect(table.subscribe("a", waiter: 1) == .send)
        #expect(!table.unsubscribe("b").sends)
        #expect(table.takeLost(10) == ["c"])
        guard case .subscribed([1], again: true) = table.subscribeConfirmed("a") else {
            Issue.record("a must be there again")
            return
        }
        // A second loss before "c" is confirmed must not forget it.
        _ = table.connectionLost()
        #expect(Set(table.takeLost(10)) == ["a", "c"])
    }

    @Test mutating func theSubjectIsThatOfTheLastSubscription() {
        final class Subject {}
        let (first, second) = (Subject(), Subject())
        func subject(_ table: SubscriptionTable<Int>) -> AnyObject? {
            Array("a".utf8).withUnsafeBytes { table.wanted($0)?.subject }
        }
        _ = table.subscribe("a", waiter: 1, subject: first)
        #expect(subject(table) === first)
        _ = table.subscribeConfirmed("a")
        _ = table.connectionLost()
        _ = table.takeLost(1)
        #expect(subject(table) === first)
        _ = table.subscribeConfirmed("a")
        _ = table.unsubscribe("a")
        #expect(subject(table) == nil)
        _ = table.subscribe("a", waiter: 2, subject: second)
        _ = table.unsubscribeConfirmed("a")
        #expect(subject(table) === second)
        #expect(table.subscribe("a", waiter: 3) == .wait)
        #expect(wanted("a") == "a" && subject(table) == nil)
    }

    @Test mutating func batchesAreBounded() {
        for number in 0..<10 { hold("\(number)") }
        _ = table.connectionLost()
        let batches = [table.takeLost(4), table.takeLost(4), table.takeLost(4), table.takeLost(4)]
        #expect(batches.map(\.count) == [4, 4, 2, 0])
    }

    @Test mutating func refusedNames() {
        _ = table.subscribe("a", waiter: 1)
        let refused = table.subscribeRefused("a")
        #expect(refused.waiters == [1])
        #expect(!refused.wasHeld)
        #expect(table.count == 0)

        hold("b")
        _ = table.connectionLost()
        _ = table.takeLost(1)
        #expect(table.subscribeRefused("b").wasHeld)
        #expect(table.state(of: "b") == .lost)
    }

    @Test mutating func namesAreBytes() {
        // One letter and two: the same text to String, two channels to Redis.
        let composed = "caf\u{e9}"
        let decomposed = "cafe\u{301}"
        hold(composed)
        #expect(wanted(decomposed) == nil)
        #expect(table.subscribe(decomposed, waiter: 1) == .send)
        #expect(table.count == 2)
        #expect(wanted(decomposed).map { Array($0.utf8) } == Array(decomposed.utf8))
    }

    /// Whatever is asked in whatever order, at the end Redis has what the owner wants.
    @Test(arguments: 0..<50) mutating func anyOrderEndsInTheLastWish(seed: UInt64) {
        var chance = Chance(state: seed)
        var redis: Set<String> = []
        var wishes: Set<String> = []
        // Requests under way, oldest first.
        var wire: [(subscribe: Bool, name: String)] = []
        func confirmOne(_ table: inout SubscriptionTable<Int>) {
            let (subscribe, name) = wire.removeFirst()
            let action: SubscriptionTable<Int>.ConfirmAction
            if subscribe {
                redis.insert(name)
                action = table.subscribeConfirmed(name)
            } else {
                redis.remove(name)
                action = table.unsubscribeConfirmed(name)
            }
            switch action {
            case .sendSubscribe: wire.append((true, name))
            case .sendUnsubscribe: wire.append((false, name))
            case .none, .subscribed: break
            }
        }
        for _ in 0..<500 {
            let name = "\(chance.next(4))"
            switch chance.next(3) {
            case 0:
                wishes.insert(name)
                if table.subscribe(name, waiter: 1) == .send { wire.append((true, name)) }
            case 1:
                wishes.remove(name)
                if table.unsubscribe(name).sends { wire.append((false, name)) }
            default:
                if !wire.isEmpty { confirmOne(&table) }
            }
        }
        while !wire.isEmpty { confirmOne(&table) }
        #expect(redis == wishes)
        #expect(table.count == wishes.count)
        #expect(table.waiterCount == 0)
    }
}

/// Repeatable chance.
private struct Chance {
    var state: UInt64

    mutating func next(_ bound: UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) % bound
    }
}
