import ChatCore
import TestSupport
import Testing

@Suite struct RateLimiterTests {
    private static let second: UInt64 = 1_000_000_000

    @Test func allowsABurstAndThenTheRate() {
        var limiter = RateLimiter()
        let second = Self.second
        let now = 5 * second
        for _ in 0..<20 { #expect(limiter.allow(now: now, perSecond: 10, burst: 20) == nil) }
        #expect(limiter.allow(now: now, perSecond: 10, burst: 20) == second / 10)
        #expect(limiter.allow(now: now + second / 10, perSecond: 10, burst: 20) == nil)
        #expect(limiter.allow(now: now + second / 10, perSecond: 10, burst: 20) != nil)
        #expect(limiter.allow(now: now + 10 * second, perSecond: 10, burst: 20) == nil)
    }

    @Test func whoIsHeldGoesOnAtTheRate() {
        var limiter = RateLimiter()
        let second = Self.second
        limiter.hold(until: 3 * second, perSecond: 10, burst: 20)
        #expect(limiter.allow(now: second, perSecond: 10, burst: 20) == 2 * second)
        #expect(limiter.allow(now: 3 * second - 1, perSecond: 10, burst: 20) == 1)
        #expect(limiter.allow(now: 3 * second, perSecond: 10, burst: 20) == nil)
        #expect(limiter.allow(now: 3 * second, perSecond: 10, burst: 20) == second / 10)
        // An earlier time takes nothing back.
        limiter.hold(until: second, perSecond: 10, burst: 20)
        #expect(limiter.allow(now: 3 * second, perSecond: 10, burst: 20) == second / 10)
    }

    @Test func noRateMeansNoLimit() {
        var limiter = RateLimiter()
        for _ in 0..<1_000 { #expect(limiter.allow(now: 0, perSecond: 0, burst: 1) == nil) }
        for _ in 0..<1_000 { #expect(limiter.allow(now: 0, perSecond: -1, burst: 1) == nil) }
    }

    @Test(arguments: [0, 1])
    func withoutABurstFramesAreSpacedEvenly(burst: Int) {
        var limiter = RateLimiter()
        #expect(limiter.allow(now: 7, perSecond: 4, burst: burst) == nil)
        #expect(limiter.allow(now: 7, perSecond: 4, burst: burst) == Self.second / 4)
        #expect(limiter.allow(now: 7 + Self.second / 4 - 1, perSecond: 4, burst: burst) == 1)
        #expect(limiter.allow(now: 7 + Self.second / 4, perSecond: 4, burst: burst) == nil)
    }

    @Test func waitingAsLongAsToldIsEnough() {
        var random = SeededGenerator(seed: 1)
        var limiter = RateLimiter()
        var now: UInt64 = 0
        for _ in 0..<2_000 {
            now += UInt64.random(in: 0...60_000_000, using: &random)
            if let wait = limiter.allow(now: now, perSecond: 50, burst: 5) {
                #expect(wait > 0)
                #expect(limiter.allow(now: now + wait - 1, perSecond: 50, burst: 5) == 1, "refusals must not count")
                now += wait
                #expect(limiter.allow(now: now, perSecond: 50, burst: 5) == nil)
            }
        }
    }

    /// The contract of the algorithm: in any window there are at most a burst and what the rate gives for its length.
    @Test func noWindowHoldsMoreThanBurstAndRate() {
        var random = SeededGenerator(seed: 2)
        let (perSecond, burst) = (20, 8)
        var limiter = RateLimiter()
        var allowed: [UInt64] = []
        var now: UInt64 = 0
        for _ in 0..<3_000 {
            now += UInt64.random(in: 0...20_000_000, using: &random)
            if limiter.allow(now: now, perSecond: perSecond, burst: burst) == nil { allowed.append(now) }
        }
        for first in stride(from: 0, to: allowed.count, by: 7) {
            for last in first..<allowed.count {
                let length = allowed[last] - allowed[first]
                #expect(last - first + 1 <= burst + Int(length / (Self.second / UInt64(perSecond))))
            }
        }
    }
}
