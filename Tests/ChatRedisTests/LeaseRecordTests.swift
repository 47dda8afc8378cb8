import NIOCore
import Testing

@testable import ChatRedis

@Suite struct LeaseRecordTests {
    private let lease = TimeAmount.seconds(15)

    private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(100 + seconds) }

    private func beaten(_ times: [Int64]) -> LeaseRecord {
        var record = LeaseRecord()
        for time in times { record.beat(now: self.at(time), redisTime: 1_000 + time, lease: self.lease) }
        return record
    }

    @Test func cleansUpOnlyAfterOneLeaseOfItsOwn() {
        let record = self.beaten([0, 5, 10])
        #expect(!record.mayCleanUp(now: self.at(14), lease: self.lease))
        #expect(record.mayCleanUp(now: self.at(15), lease: self.lease))
        #expect(record.started == 1_000)
        #expect(!LeaseRecord().mayCleanUp(now: self.at(0), lease: self.lease))
    }

    @Test func aFailureBeginsTheWaitAnew() {
        var record = self.beaten([0, 5, 10, 15])
        record.fail()
        #expect(!record.mayCleanUp(now: self.at(20), lease: self.lease))
        record.beat(now: self.at(20), redisTime: 1, lease: self.lease)
        #expect(!record.mayCleanUp(now: self.at(34), lease: self.lease))
        #expect(record.mayCleanUp(now: self.at(35), lease: self.lease))
    }

    @Test func silenceOfThisProcessBeginsTheWaitAnew() {
        let record = self.beaten([0, 5, 10, 40])
        #expect(!record.mayCleanUp(now: self.at(40), lease: self.lease))
        #expect(record.mayCleanUp(now: self.at(55), lease: self.lease))
    }

    @Test func whoResignedCleansNothingUp() {
        var record = self.beaten([0, 5, 10, 15])
        record.isResigned = true
        #expect(!record.mayCleanUp(now: self.at(20), lease: self.lease))
    }
}
