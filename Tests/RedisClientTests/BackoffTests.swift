import NIOCore
import Testing

@testable import RedisClient

@Suite struct BackoffTests {
    private func backoff(chance: Double) -> Backoff {
        var configuration = RedisBackoffConfiguration()
        configuration.jitter = { chance }
        return Backoff(configuration)
    }

    @Test func ceilingDoublesUpToTheCap() {
        var backoff = backoff(chance: 1)
        let delays = (0..<8).map { _ in backoff.next().nanoseconds / 1_000_000 }
        #expect(delays == [50, 100, 200, 400, 800, 1600, 2000, 2000])
    }

    @Test func jitterIsFull() {
        var none = backoff(chance: 0)
        #expect(none.next() == .zero)
        var half = backoff(chance: 0.5)
        #expect(half.next() == .milliseconds(25))
    }

    @Test func resetBeginsAnew() {
        var backoff = backoff(chance: 1)
        _ = backoff.next()
        _ = backoff.next()
        backoff.reset()
        #expect(backoff.next() == .milliseconds(50))
    }

    @Test func manyFailuresDoNotOverflow() {
        var configuration = RedisBackoffConfiguration()
        configuration.base = .hours(1_000_000)
        configuration.cap = .seconds(3)
        configuration.jitter = { 7 }
        var backoff = Backoff(configuration)
        for _ in 0..<100 { #expect(backoff.next() == .seconds(3)) }
    }
}
