internal import NIOCore

/// Full-jitter exponential backoff as a value.
struct Backoff {
    private let configuration: RedisBackoffConfiguration
    private var failures = 0

    init(_ configuration: RedisBackoffConfiguration) {
        self.configuration = configuration
    }

    /// The delay before the next attempt.
    mutating func next() -> TimeAmount {
        // 2^30 times any base is beyond any cap, and shifting further would overflow.
        let growth = Int64(1) << min(failures, 30)
        let (product, overflow) = configuration.base.nanoseconds.multipliedReportingOverflow(by: growth)
        let ceiling = overflow ? configuration.cap.nanoseconds : min(product, configuration.cap.nanoseconds)
        failures += 1
        let chance = min(max(configuration.jitter(), 0), 1)
        return .nanoseconds(Int64(Double(max(ceiling, 0)) * chance))
    }

    mutating func reset() {
        failures = 0
    }
}
