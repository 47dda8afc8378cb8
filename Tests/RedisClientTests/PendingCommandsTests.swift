import NIOCore
import Testing

@testable import RedisClient

@Suite struct PendingCommandsTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private var pending = PendingCommands<Int>(deadline: .seconds(2), maxCount: 3, maxBytes: 100)

    private func at(_ milliseconds: Int64) -> NIODeadline { start + .milliseconds(milliseconds) }

    @Test mutating func repliesPopInOrder() {
        pending.append(1, bytes: 10, now: at(0))
        pending.append(2, bytes: 20, now: at(0))
        #expect(pending.bytes == 30)
        #expect(pending.reply() == .complete(1))
        #expect(pending.reply() == .complete(2))
        #expect(pending.reply() == .unexpected)
        #expect(pending.bytes == 0)
        #expect(pending.nextDeadline == nil)
    }

    @Test mutating func lateCommandLeavesATombstone() {
        pending.append(1, bytes: 1, now: at(0), deadline: .milliseconds(100))
        pending.append(2, bytes: 1, now: at(0))
        #expect(pending.nextDeadline == at(100))
        let expiry = pending.expire(now: at(100))
        #expect(expiry.late == [1])
        #expect(!expiry.linkIsDead)
        #expect(pending.count == 2)
        // The caller has its answer, but the peer still owes the reply.
        #expect(pending.nextDeadline == at(2000))
        #expect(pending.reply() == .drop)
        #expect(pending.reply() == .complete(2))
    }

    @Test mutating func oldestBeyondTheDeadlineMeansADeadLink() {
        pending.append(1, bytes: 1, now: at(0))
        pending.append(2, bytes: 1, now: at(500))
        #expect(!pending.expire(now: at(1999)).linkIsDead)
        let expiry = pending.expire(now: at(2000))
        #expect(expiry.late == [1])
        #expect(expiry.linkIsDead)
        #expect(pending.removeAll() == [2])
        #expect(pending.bytes == 0)
    }

    @Test mutating func aTombstoneCountsAsOldest() {
        pending.append(1, bytes: 1, now: at(0), deadline: .milliseconds(100))
        _ = pending.expire(now: at(100))
        pending.append(2, bytes: 1, now: at(1500))
        let expiry = pending.expire(now: at(2000))
        #expect(expiry.late.isEmpty)
        #expect(expiry.linkIsDead)
    }

    @Test mutating func aLaterCommandMayBeLateFirst() {
        pending.append(1, bytes: 1, now: at(0))
        pending.append(2, bytes: 1, now: at(0), deadline: .milliseconds(10))
        #expect(pending.nextDeadline == at(10))
        #expect(pending.expire(now: at(10)).late == [2])
        #expect(pending.reply() == .complete(1))
        #expect(pending.reply() == .drop)
    }

    @Test mutating func nobodyWaitsLongerThanTheLink() {
        pending.append(1, bytes: 1, now: at(0), deadline: .seconds(60))
        #expect(pending.nextDeadline == at(2000))
    }

    @Test mutating func isBoundedInCountAndBytes() {
        #expect(pending.hasRoom(forBytes: 100))
        #expect(!pending.hasRoom(forBytes: 101))
        pending.append(1, bytes: 60, now: at(0))
        #expect(pending.hasRoom(forBytes: 40))
        #expect(!pending.hasRoom(forBytes: 41))
        pending.append(2, bytes: 1, now: at(0))
        pending.append(3, bytes: 1, now: at(0))
        #expect(!pending.hasRoom(forBytes: 1))
        _ = pending.reply()
        #expect(pending.hasRoom(forBytes: 98))
    }
}

extension PendingCommands<Int>.ReplyAction: Equatable {
    static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.complete(let left), .complete(let right)): left == right
        case (.drop, .drop), (.unexpected, .unexpected): true
        default: false
        }
    }
}
