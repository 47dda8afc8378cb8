/// Allows a burst and then a steady rate: the generic cell rate algorithm, ITU-T I.371, annex A, as virtual scheduling.
public struct RateLimiter: Sendable {
    /// When the next frame is due at the steady rate, in nanoseconds on the caller's clock.
    private var due: UInt64 = 0

    public init() {}

    /// Whether something may happen now; counts it if so.
    ///
    /// - Parameters:
    ///   - now: nanoseconds, never going back.
    ///   - perSecond: the steady rate; 0 means no limit.
    ///   - burst: how many may happen at once.
    /// - Returns: `nil` when allowed, else the nanoseconds to wait.
    public mutating func allow(now: UInt64, perSecond: Int, burst: Int) -> UInt64? {
        guard perSecond > 0 else { return nil }
        let interval = 1_000_000_000 / UInt64(perSecond)
        let tolerance = interval * UInt64(max(0, burst - 1))
        let start = max(self.due, now)
        guard start - now <= tolerance else { return start - now - tolerance }
        self.due = start + interval
        return nil
    }

    /// Allows nothing before a time, and from then on one thing after another at the steady rate.
    ///
    /// - Parameters:
    ///   - until: nanoseconds of the caller's clock.
    ///   - perSecond: as in ``allow(now:perSecond:burst:)``; without a limit nothing can be held.
    public mutating func hold(until: UInt64, perSecond: Int, burst: Int) {
        guard perSecond > 0 else { return }
        let tolerance = 1_000_000_000 / UInt64(perSecond) * UInt64(max(0, burst - 1))
        self.due = max(self.due, until + tolerance)
    }
}
