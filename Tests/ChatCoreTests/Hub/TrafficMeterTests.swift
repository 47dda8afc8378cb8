import NIOCore
import Testing

@testable import ChatCore

@Suite struct TrafficMeterTests {
    private func statistics(entries: UInt64, deliveries: UInt64) -> LoopStatistics {
        var statistics = LoopStatistics()
        statistics.appends = entries
        statistics.deliveries = deliveries
        return statistics
    }

    @Test func ratesAreOfTheTimeBetweenTwoMeasurements() {
        var meter = TrafficMeter()
        let start = NIODeadline.uptimeNanoseconds(1_000)
        #expect(meter.measure(now: start) == Traffic())
        meter.heard(statistics(entries: 10, deliveries: 100), from: 0)
        meter.heard(statistics(entries: 40, deliveries: 300), from: 1)
        let first = meter.measure(now: start + .seconds(5))
        #expect(first == Traffic(entries: 50, deliveries: 400, entriesPerSecond: 10, deliveriesPerSecond: 80))
        meter.heard(statistics(entries: 20, deliveries: 100), from: 0)
        let second = meter.measure(now: start + .seconds(15))
        #expect(second == Traffic(entries: 60, deliveries: 400, entriesPerSecond: 1, deliveriesPerSecond: 0))
    }

    @Test func twoMeasurementsAtOnceHaveNoRate() {
        var meter = TrafficMeter()
        let now = NIODeadline.uptimeNanoseconds(1)
        meter.heard(statistics(entries: 1, deliveries: 1), from: 0)
        _ = meter.measure(now: now)
        #expect(meter.measure(now: now).entriesPerSecond == 0)
    }
}
