import NIOCore
import Testing

@testable import RedisClient

@Suite struct SentRequestsTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private var sent = SentRequests()

    private mutating func confirm(
        _ verb: SubscriptionVerb,
        _ kind: SubscriptionKind,
        _ name: String
    ) -> SentRequests.Confirmation? {
        Array(name.utf8).withUnsafeBytes { sent.confirm(verb, kind, name: $0) }
    }

    @Test mutating func confirmsNameByName() {
        sent.append(.names(.subscribe, .channel, ["a", "b"], again: true), now: start)
        sent.append(.ping, now: start + .seconds(1))
        #expect(confirm(.subscribe, .channel, "a") == .init(name: "a", endsResubscription: false))
        #expect(sent.confirmPing() == false)
        #expect(sent.oldestSentAt == start)
        #expect(confirm(.subscribe, .channel, "b") == .init(name: "b", endsResubscription: true))
        #expect(sent.oldestSentAt == start + .seconds(1))
        #expect(sent.confirmPing() == true)
        #expect(sent.isEmpty)
    }

    @Test mutating func refusesWhatIsOutOfTurn() {
        #expect(confirm(.subscribe, .channel, "a") == nil)
        sent.append(.names(.subscribe, .channel, ["a"], again: false), now: start)
        #expect(confirm(.subscribe, .channel, "b") == nil)
        #expect(confirm(.unsubscribe, .channel, "a") == nil)
        #expect(confirm(.subscribe, .pattern, "a") == nil)
        #expect(confirm(.subscribe, .channel, "a") == .init(name: "a", endsResubscription: false))
    }

    @Test mutating func anErrorStandsForAWholeRequest() {
        sent.append(.names(.subscribe, .channel, ["a", "b"], again: false), now: start)
        #expect(sent.refuse() == .names(.subscribe, .channel, ["a", "b"], again: false))
        #expect(sent.refuse() == nil)
    }

    @Test func neighboursShareARequest() {
        var outbox = SubscriptionOutbox(batchSize: 2)
        for name in ["a", "b", "c"] { outbox.append(.subscribe, .channel, name) }
        outbox.append(.unsubscribe, .channel, "a")
        outbox.append(.subscribe, .channel, "d")
        outbox.append(.subscribe, .pattern, "e")
        #expect(outbox.takeAll().map(\.names) == [["a", "b"], ["c"], ["a"], ["d"], ["e"]])
        #expect(outbox.isEmpty)
    }
}
