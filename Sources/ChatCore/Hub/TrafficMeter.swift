import NIOCore

/// How much passes through this node, from one heartbeat to the next. A value without I/O.
///
/// Loops are asked with each heartbeat and answer after it: what is told is as of the heartbeat before.
struct TrafficMeter {
    private var counters: [Int: LoopStatistics] = [:]
    private var before: (at: NIODeadline, entries: UInt64, deliveries: UInt64)?

    /// A loop has answered.
    mutating func heard(_ statistics: LoopStatistics, from loop: Int) {
        self.counters[loop] = statistics
    }

    /// The counters of all loops, and how fast they grew since the last call. The first call finds no rate.
    mutating func measure(now: NIODeadline) -> Traffic {
        var traffic = Traffic()
        for statistics in self.counters.values {
            traffic.entries += statistics.appends
            traffic.deliveries += statistics.deliveries
        }
        if let before = self.before, now > before.at {
            let seconds = Double((now - before.at).nanoseconds) / 1e9
            traffic.entriesPerSecond = Double(traffic.entries - before.entries) / seconds
            traffic.deliveriesPerSecond = Double(traffic.deliveries - before.deliveries) / seconds
        }
        self.before = (now, traffic.entries, traffic.deliveries)
        return traffic
    }
}
