import NIOCore
import Testing

@testable import ChatCore

@Suite struct EchoProbeTests {
    private var probe = EchoProbe()
    private let start = NIODeadline.now()

    private func at(_ milliseconds: Int64) -> NIODeadline { start + .milliseconds(milliseconds) }

    @Test mutating func oneEchoAfterAnother() {
        #expect(probe.isDue(now: at(0)) == true)
        #expect(probe.isDue(now: at(100)) == false)
        probe.published(receivers: 1, now: at(100))
        #expect(probe.isDue(now: at(200)) == false)
        probe.heard(now: at(200))
        #expect(probe.isOverdue(now: at(10_000)) == false)
        #expect(probe.isDue(now: at(2_199)) == false)
        #expect(probe.isDue(now: at(2_200)) == true)
    }

    @Test mutating func anEchoThatRedisTookAndThatDoesNotComeIsOverdueOnce() {
        _ = probe.isDue(now: at(0))
        probe.published(receivers: 1, now: at(10))
        #expect(probe.isOverdue(now: at(3_009)) == false)
        #expect(probe.isOverdue(now: at(3_010)) == true)
        #expect(probe.isOverdue(now: at(3_020)) == false)
        // It goes on: the new link is tried, too.
        #expect(probe.isDue(now: at(5_010)) == true)
    }

    /// Else a sick command link would tear down a healthy subscriber link.
    @Test mutating func anEchoThatWasNotPublishedSaysNothing() {
        _ = probe.isDue(now: at(0))
        #expect(probe.isOverdue(now: at(60_000)) == false)
        probe.published(receivers: nil, now: at(60_000))
        #expect(probe.isOverdue(now: at(120_000)) == false)
        #expect(probe.isDue(now: at(62_000)) == true)
    }

    @Test mutating func withoutSubscribersTwiceItIsOverdueAtOnce() {
        #expect(probe.isDue(now: at(0)) == true)
        probe.published(receivers: 0, now: at(10))
        #expect(probe.isOverdue(now: at(10)) == false, "the subscription may be under way")
        #expect(probe.isDue(now: at(509)) == false)
        #expect(probe.isDue(now: at(510)) == true)
        probe.published(receivers: 0, now: at(511))
        #expect(probe.isOverdue(now: at(511)) == true)
    }

    @Test mutating func aSubscriptionThatWasUnderWayIsForgiven() {
        _ = probe.isDue(now: at(0))
        probe.published(receivers: 0, now: at(10))
        #expect(probe.isDue(now: at(510)) == true)
        probe.published(receivers: 1, now: at(511))
        probe.heard(now: at(512))
        #expect(probe.isDue(now: at(3_000)) == true)
        probe.published(receivers: 0, now: at(3_001))
        #expect(probe.isOverdue(now: at(3_001)) == false)
    }

    @Test mutating func whatWasHeardBeforeTheAnswerCounts() {
        _ = probe.isDue(now: at(0))
        probe.heard(now: at(5))
        probe.published(receivers: 1, now: at(10))
        #expect(probe.isOverdue(now: at(60_000)) == false)
    }
}
