import NIOCore
import Testing

@testable import ChatCore

@Suite struct LoopHealthTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test func aLinkThatOnlyBlinksIsNotWorthAWord() {
        var health = LoopHealth()
        health.linkChanged(isUp: false, now: start)
        #expect(health.news(now: start + .milliseconds(299)) == nil)
        health.linkChanged(isUp: true, now: start + .milliseconds(299))
        #expect(health.news(now: start + .seconds(5)) == nil)
    }

    @Test func attemptsThatFailDoNotBeginAnew() {
        var health = LoopHealth()
        health.linkChanged(isUp: false, now: start)
        health.linkChanged(isUp: false, now: start + .milliseconds(250))
        #expect(health.news(now: start + .milliseconds(300)) == true)
        #expect(health.news(now: start + .milliseconds(400)) == nil)
    }

    /// One outage is told once, and taken back when all of it is over.
    @Test func theNodeAndTheLinkAreOne() {
        var health = LoopHealth()
        health.nodeIsDegraded = true
        health.linkChanged(isUp: false, now: start)
        #expect(health.news(now: start) == true)
        #expect(health.news(now: start + .seconds(1)) == nil)
        health.nodeIsDegraded = false
        #expect(health.news(now: start + .seconds(2)) == nil)
        health.linkChanged(isUp: true, now: start + .seconds(3))
        #expect(health.news(now: start + .seconds(3)) == false)
    }
}
