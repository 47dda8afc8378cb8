import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

@Suite struct RoomFeedTests {
    private func entry(_ offset: UInt64, at: Int64? = nil) -> LogEntry {
        .sample(offset: offset, at: at ?? Int64(offset) * 10)
    }

    private func position(_ offset: UInt64, epoch: String = "e1") -> Position {
        Position(epoch: epoch, offset: offset, at: Int64(offset) * 10)
    }

    /// A feed that is live at an offset.
    private func liveFeed(at offset: UInt64) -> RoomFeed {
        var feed = RoomFeed()
        #expect(feed.opened(at: position(offset)) == RoomFeed.Step())
        return feed
    }

    // MARK: Opening

    @Test func hasNoHeadUntilOpened() {
        var feed = RoomFeed()
        #expect(feed.head == nil)
        #expect(feed.pending == .open)
        #expect(feed.received(entry(4), epoch: "e1") == RoomFeed.Step())
        #expect(feed.filled(.recovered(head: position(9), entries: [])) == RoomFeed.Step())
        #expect(feed.opened(at: position(3)) == RoomFeed.Step(deliver: [entry(4)]))
        #expect(feed.head == position(4))
        #expect(feed.pending == .nothing)
        #expect(feed.opened(at: position(1)) == RoomFeed.Step(), "nobody asked")
        #expect(feed.head == position(4))
    }

    @Test func whatWaitsDoesNotKeepAllThatCameWithIt() throws {
        var read = ByteBuffer(repeating: 0, count: 60_000)
        var published = entry(4)
        let start = read.writerIndex
        read.writeImmutableBuffer(published.json)
        published.json = try #require(read.getSlice(at: start, length: published.json.readableBytes))
        var feed = RoomFeed()
        _ = feed.received(published, epoch: "e1")
        let step = feed.opened(at: position(3))
        #expect(step == RoomFeed.Step(deliver: [entry(4)]))
        #expect(step.deliver.allSatisfy { $0.json.storageCapacity < 1_000 })
    }

    @Test func whatThePageHasIsNotDeliveredAgain() {
        var feed = RoomFeed()
        for offset in [2, 3, 3, 4] as [UInt64] { _ = feed.received(entry(offset), epoch: "e1") }
        #expect(feed.opened(at: position(3)) == RoomFeed.Step(deliver: [entry(4)]))
    }

    @Test func aGapBehindThePageIsFilled() {
        var feed = RoomFeed()
        for offset in [5, 7, 8] as [UInt64] { _ = feed.received(entry(offset), epoch: "e1") }
        #expect(feed.opened(at: position(4)) == RoomFeed.Step(deliver: [entry(5)], then: .fill(after: position(5))))
        // 8 still waits, and is part of what was read.
        let recovery = Recovery.recovered(head: position(8), entries: [entry(6), entry(7), entry(8)])
        #expect(feed.filled(recovery) == RoomFeed.Step(deliver: [entry(6), entry(7), entry(8)]))
        #expect(feed.head == position(8))
    }

    @Test func anotherEpochBehindThePageOpensAgain() {
        var feed = RoomFeed()
        _ = feed.received(entry(4), epoch: "e1")
        _ = feed.received(entry(1), epoch: "e2")
        _ = feed.received(entry(2), epoch: "e2")
        #expect(feed.opened(at: position(3)) == RoomFeed.Step(deliver: [entry(4)], then: .open))
        #expect(feed.head == nil)
        #expect(feed.opened(at: position(1, epoch: "e2")) == RoomFeed.Step(deliver: [entry(2)]))
    }

    // MARK: Live

    @Test func deliversWhatFollows() {
        var feed = liveFeed(at: 0)
        #expect(feed.received(entry(1), epoch: "e1") == RoomFeed.Step(deliver: [entry(1)]))
        #expect(feed.received(entry(2), epoch: "e1") == RoomFeed.Step(deliver: [entry(2)]))
        #expect(feed.head == position(2))
    }

    @Test func dropsRepeats() {
        var feed = liveFeed(at: 5)
        #expect(feed.received(entry(5), epoch: "e1") == RoomFeed.Step())
        #expect(feed.received(entry(1), epoch: "e1") == RoomFeed.Step())
        #expect(feed.head == position(5))
    }

    @Test func fillsAGapAndThenWhatWaited() {
        var feed = liveFeed(at: 5)
        #expect(feed.received(entry(8), epoch: "e1") == RoomFeed.Step(then: .fill(after: position(5))))
        #expect(feed.head == position(5))
        #expect(feed.pending == .fill(after: position(5)))
        #expect(feed.received(entry(9), epoch: "e1") == RoomFeed.Step())
        let step = feed.filled(.recovered(head: position(8), entries: [entry(6), entry(7), entry(8)]))
        #expect(step == RoomFeed.Step(deliver: [entry(6), entry(7), entry(8), entry(9)]))
        #expect(feed.head == position(9))
    }

    @Test func aSecondGapIsFilledAfterTheFirst() {
        var feed = liveFeed(at: 1)
        _ = feed.received(entry(3), epoch: "e1")
        _ = feed.received(entry(6), epoch: "e1")
        let step = feed.filled(.recovered(head: position(3), entries: [entry(2), entry(3)]))
        #expect(step == RoomFeed.Step(deliver: [entry(2), entry(3)], then: .fill(after: position(3))))
    }

    @Test func aDeletedEntryIsNoHole() {
        var feed = liveFeed(at: 1)
        _ = feed.received(entry(4), epoch: "e1")
        let step = feed.filled(.recovered(head: position(4), entries: [entry(2), entry(4)]))
        #expect(step == RoomFeed.Step(deliver: [entry(2), entry(4)]))
        #expect(feed.received(entry(5), epoch: "e1") == RoomFeed.Step(deliver: [entry(5)]))
    }

    @Test func anotherEpochOpensAgain() {
        var feed = liveFeed(at: 5)
        #expect(feed.received(entry(6), epoch: "e2") == RoomFeed.Step(then: .open))
        #expect(feed.head == nil)
        #expect(feed.pending == .open)
    }

    // MARK: Logs that lost entries

    @Test func aYoungerEntryAtAKnownOffsetNeedsAnotherEpoch() {
        var feed = liveFeed(at: 5)
        #expect(feed.received(entry(5, at: 51), epoch: "e1") == RoomFeed.Step(then: .renew(lost: "e1")))
        #expect(feed.head == nil)
        #expect(feed.opened(at: position(5, epoch: "e2")) == RoomFeed.Step())
        #expect(feed.head == position(5, epoch: "e2"))
    }

    /// Else the log would go on under an epoch in which two different entries have one offset.
    @Test func aFailedRenewalIsAskedForAgain() {
        var feed = liveFeed(at: 5)
        _ = feed.received(entry(5, at: 51), epoch: "e1")
        #expect(feed.pending == .renew(lost: "e1"))
        _ = feed.received(entry(6, at: 61), epoch: "e1")
        #expect(feed.pending == .renew(lost: "e1"))
        _ = feed.opened(at: position(5, epoch: "e2"))
        #expect(feed.pending == .open, "what waited is of the epoch that was given up")
    }

    @Test(arguments: [(UInt64(4), Int64(40)), (UInt64(5), Int64(49)), (UInt64(0), Int64(0))])
    func aHeadBehindOursNeedsAnotherEpoch(offset: UInt64, at: Int64) {
        var feed = liveFeed(at: 5)
        #expect(feed.verify() == RoomFeed.Step(then: .fill(after: position(5))))
        let step = feed.filled(.lost(head: Position(epoch: "e1", offset: offset, at: at)))
        #expect(step == RoomFeed.Step(then: .renew(lost: "e1")))
        #expect(feed.pending == .renew(lost: "e1"))
    }

    @Test func aGapTooLargeIsReset() {
        var feed = liveFeed(at: 5)
        _ = feed.received(entry(5_000), epoch: "e1")
        #expect(feed.filled(.lost(head: position(5_000))) == RoomFeed.Step(then: .open))
        #expect(feed.pending == .open)
        #expect(feed.opened(at: position(5_001)) == RoomFeed.Step())
        #expect(feed.head == position(5_001))
    }

    @Test func aNewEpochFoundWhileFillingIsReset() {
        var feed = liveFeed(at: 5)
        _ = feed.verify()
        #expect(feed.filled(.lost(head: position(2, epoch: "e2"))) == RoomFeed.Step(then: .open))
    }

    // MARK: After the link was down

    @Test func verifyAsksForWhatFollows() {
        var feed = liveFeed(at: 5)
        #expect(feed.verify() == RoomFeed.Step(then: .fill(after: position(5))))
        #expect(feed.filled(.recovered(head: position(5), entries: [])) == RoomFeed.Step())
        #expect(feed.head == position(5))
        #expect(feed.pending == .nothing)
    }

    /// The answer that is under way may be older than what the link missed.
    @Test func verifyWhileFillingFillsAgain() {
        var feed = liveFeed(at: 5)
        _ = feed.received(entry(7), epoch: "e1")
        #expect(feed.verify() == RoomFeed.Step())
        let step = feed.filled(.recovered(head: position(7), entries: [entry(6), entry(7)]))
        #expect(step == RoomFeed.Step(deliver: [entry(6), entry(7)], then: .fill(after: position(7))))
        #expect(feed.filled(.recovered(head: position(8), entries: [entry(8)])) == RoomFeed.Step(deliver: [entry(8)]))
        #expect(feed.pending == .nothing)
    }

    @Test func verifyWhileOpeningFillsAfterwards() {
        var feed = RoomFeed()
        #expect(feed.verify() == RoomFeed.Step())
        #expect(feed.opened(at: position(3)) == RoomFeed.Step(then: .fill(after: position(3))))
        #expect(feed.filled(.recovered(head: position(3), entries: [])) == RoomFeed.Step())
        #expect(feed.pending == .nothing)
    }

    @Test func verifyWhileFillingIsAnsweredByTheNextReading() {
        var feed = liveFeed(at: 5)
        _ = feed.received(entry(7), epoch: "e1")
        _ = feed.verify()
        #expect(feed.filled(.lost(head: position(9))) == RoomFeed.Step(then: .open))
        #expect(feed.opened(at: position(9)) == RoomFeed.Step(), "that was read after the link came back")
    }

    /// The log was cut back while the link was down, and has grown again: what waits must not be put behind what was
    /// read before that.
    @Test func verifyWhileReadingComesBeforeWhatWaits() {
        var feed = liveFeed(at: 5)
        _ = feed.received(entry(8), epoch: "e1")
        _ = feed.verify()
        _ = feed.received(entry(8, at: 90), epoch: "e1")
        let step = feed.filled(.recovered(head: position(7), entries: [entry(6), entry(7)]))
        #expect(step == RoomFeed.Step(deliver: [entry(6), entry(7)], then: .fill(after: position(7))))
        let lost = feed.filled(.lost(head: Position(epoch: "e1", offset: 8, at: 90)))
        #expect(lost == RoomFeed.Step(then: .open))
    }

    @Test func whatWaitedBeforeTheLinkWasDownIsForgotten() {
        var feed = RoomFeed()
        _ = feed.received(entry(4), epoch: "e1")
        _ = feed.verify()
        _ = feed.opened(at: position(3))
        #expect(feed.filled(.recovered(head: position(3), entries: [])) == RoomFeed.Step())
        #expect(feed.received(entry(4, at: 90), epoch: "e1").deliver == [entry(4, at: 90)])
    }

    /// Published before the log was cut back, and kept while the log, grown again, was read.
    @Test func anEntryOlderThanTheHeadDoesNotFollowIt() {
        var feed = RoomFeed()
        _ = feed.received(entry(4), epoch: "e1")
        let head = Position(epoch: "e1", offset: 3, at: 90)
        #expect(feed.opened(at: head) == RoomFeed.Step(then: .fill(after: head)))
        #expect(feed.filled(.recovered(head: head, entries: [])) == RoomFeed.Step())
        #expect(feed.received(entry(4, at: 90), epoch: "e1").deliver == [entry(4, at: 90)])
    }

    // MARK: Quiet rooms

    @Test func aHeadThatIsOursSaysNothing() {
        var feed = liveFeed(at: 5)
        #expect(feed.compare(position(5), before: position(5)) == RoomFeed.Step())
        #expect(feed.compare(position(9), before: position(4)) == RoomFeed.Step(), "entries came since")
        var opening = RoomFeed()
        #expect(opening.compare(position(5), before: position(5)) == RoomFeed.Step())
    }

    @Test func aHeadThatIsNotOursIsFollowedUp() {
        var behind = liveFeed(at: 5)
        #expect(behind.compare(position(7), before: position(5)) == RoomFeed.Step(then: .fill(after: position(5))))
        var renewed = liveFeed(at: 5)
        #expect(renewed.compare(position(5, epoch: "e2"), before: position(5)) == RoomFeed.Step(then: .open))
        var ahead = liveFeed(at: 5)
        #expect(ahead.compare(position(4), before: position(5)) == RoomFeed.Step(then: .renew(lost: "e1")))
        var other = liveFeed(at: 5)
        let step = other.compare(Position(epoch: "e1", offset: 5, at: 51), before: position(5))
        #expect(step == RoomFeed.Step(then: .renew(lost: "e1")))
    }

    // MARK: Bounds

    @Test func keepsABoundedNumberWaitingAndFindsTheRest() {
        var feed = RoomFeed()
        let last = UInt64(RoomFeed.waitingLimit * 3)
        for offset in 1...last { _ = feed.received(entry(offset), epoch: "e1") }
        let step = feed.opened(at: position(0))
        #expect(step == RoomFeed.Step(then: .fill(after: position(0))))
        let all = (1...last).map { entry($0) }
        #expect(feed.filled(.recovered(head: position(last), entries: all)).deliver == all)
        #expect(feed.head == position(last))
    }
}
