import ChatCore
import Testing

@Suite struct RateLimiterTests {
    @Test func allowsABurstAndThenTheRate() {
        var limiter = RateLimiter()
        let second: UInt64 = 1_000_000_000
        let now = 5 * second
        for _ in 0..<20 { #expect(limiter.allow(now: now, perSecond: 10, burst: 20) == nil) }
        #expect(limiter.allow(now: now, perSecond: 10, burst: 20) == second / 10)
        #expect(limiter.allow(now: now + second / 10, perSecond: 10, burst: 20) == nil)
        #expect(limiter.allow(now: now + second / 10, perSecond: 10, burst: 20) != nil)
        #expect(limiter.allow(now: now + 10 * second, perSecond: 10, burst: 20) == nil)
    }

    @Test func noRateMeansNoLimit() {
        var limiter = RateLimiter()
        for _ in 0..<1_000 { #expect(limiter.allow(now: 0, perSecond: 0, burst: 1) == nil) }
    }
}
