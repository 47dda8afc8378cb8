import ChatProtocol
import NIOCore
import TestSupport
import Testing

@testable import ChatCore

@Suite struct RecentEntriesTests {
    private func entry(_ offset: UInt64) -> LogEntry {
        .sample(offset: offset, at: Int64(offset) * 10)
    }

    private func position(_ offset: UInt64) -> Position {
        Position(epoch: "e1", offset: offset, at: Int64(offset) * 10)
    }

    private func page(_ offsets: ClosedRange<UInt64>, more: Bool) -> LogPage {
        LogPage(head: position(offsets.upperBound), entries: offsets.map { entry($0) }, more: more)
    }

    @Test func knowsNothingBeforeItsHead() {
        var recent = RecentEntries(after: position(7))
        #expect(recent.snapshot.entries(after: position(7)) == [])
        #expect(recent.snapshot.entries(after: position(6)) == nil)
        #expect(recent.snapshot.latest(0) == [])
        #expect(recent.snapshot.latest(1) == nil)
        recent.append([entry(8)], bound: .init())
        #expect(recent.snapshot.entries(after: position(7)) == [entry(8)])
        #expect(recent.snapshot.entries(after: position(8)) == [])
        #expect(recent.snapshot.latest(1) == [entry(8)])
        #expect(recent.snapshot.latest(2) == nil)
    }

    @Test func anEmptyLogIsWhole() {
        let recent = RecentEntries(
            page: LogPage(head: .init(epoch: "e1", offset: 0, at: 0), entries: [], more: false), bound: .init())
        #expect(recent.snapshot.latest(50) == [])
        #expect(recent.snapshot.entries(after: .init(epoch: "e1", offset: 0, at: 0)) == [])
    }

    @Test func aPageThatBeginsTheLogIsWhole() {
        let recent = RecentEntries(page: page(1...3, more: false), bound: .init())
        #expect(recent.snapshot.latest(50) == [entry(1), entry(2), entry(3)])
        #expect(recent.snapshot.latest(2) == [entry(2), entry(3)])
        #expect(recent.snapshot.entries(after: .init(epoch: "e1", offset: 0, at: 0)) == [entry(1), entry(2), entry(3)])
        #expect(recent.snapshot.entries(after: position(2)) == [entry(3)])
    }

    @Test func aPageWithOlderEntriesBeforeItIsNotWhole() {
        let recent = RecentEntries(page: page(5...7, more: true), bound: .init())
        #expect(recent.snapshot.latest(3) == [entry(5), entry(6), entry(7)])
        #expect(recent.snapshot.latest(4) == nil)
        #expect(recent.snapshot.entries(after: position(4)) == nil, "the store must compare the entry at the position")
        #expect(recent.snapshot.entries(after: position(5)) == [entry(6), entry(7)])
        #expect(recent.snapshot.entries(after: .init(epoch: "e1", offset: 0, at: 0)) == nil)
    }

    /// Retention removed 1 to 4: there is nothing older, and who had nothing has missed them.
    @Test func aTrimmedLogIsNotRecoveredFromItsBeginning() {
        let recent = RecentEntries(page: page(5...7, more: false), bound: .init())
        #expect(recent.snapshot.latest(50) == [entry(5), entry(6), entry(7)])
        #expect(recent.snapshot.entries(after: .init(epoch: "e1", offset: 0, at: 0)) == nil)
        #expect(recent.snapshot.entries(after: position(3)) == nil)
        #expect(recent.snapshot.entries(after: position(6)) == [entry(7)])
    }

    @Test func anotherEntryAtTheOffsetIsNoPositionToGoOnFrom() {
        let recent = RecentEntries(page: page(1...3, more: false), bound: .init())
        #expect(recent.snapshot.entries(after: .init(epoch: "e1", offset: 2, at: 21)) == nil)
        #expect(recent.snapshot.entries(after: .init(epoch: "e1", offset: 0, at: 1)) == nil)
        #expect(recent.snapshot.entries(after: .init(epoch: "e1", offset: 4, at: 40)) == nil)
    }

    @Test func forgetsTheOldestBeyondTheBound() {
        let bound = RecentEntries.Bound(entries: 3, bytes: 1 << 20)
        var recent = RecentEntries(page: page(1...3, more: false), bound: bound)
        recent.append([entry(4), entry(5)], bound: bound)
        #expect(recent.snapshot.latestOrAll(.max) == [entry(3), entry(4), entry(5)])
        #expect(recent.snapshot.completeAfter == 2)
        #expect(recent.snapshot.entries(after: position(2)) == [entry(3), entry(4), entry(5)])
        #expect(recent.snapshot.entries(after: .init(epoch: "e1", offset: 2, at: 19)) == nil)
        #expect(recent.snapshot.entries(after: position(1)) == nil)
        #expect(recent.snapshot.latest(4) == nil)
    }

    @Test func keepsNothingThatIsLargerThanTheBound() {
        var recent = RecentEntries(after: position(0))
        recent.append([.sample(offset: 1, at: 10, text: String(repeating: "x", count: 500))], bound: .init(bytes: 400))
        #expect(recent.snapshot.latestOrAll(.max) == [])
        #expect(recent.snapshot.entries(after: position(1)) == [])
        #expect(recent.snapshot.entries(after: .init(epoch: "e1", offset: 0, at: 0)) == nil)
    }

    private func change(_ kind: EntryChange.Kind, _ offset: UInt64, of target: UInt64) -> LogEntry {
        let sample = entry(offset)
        return LogEntry(
            offset: offset, at: sample.at, json: sample.json, change: EntryChange(kind: kind, target: target))
    }

    /// A message and its edits go, wherever they are; reactions and other messages' edits stay.
    @Test func forgetsWhatIsDeleted() {
        // Pieces of three entries.
        let bound = RecentEntries.Bound(entries: 48, bytes: 1 << 20)
        var recent = RecentEntries(after: position(0))
        var all = (1...20).map { entry($0) }
        all[8] = change(.edited, 9, of: 4)
        all[12] = change(.edited, 13, of: 5)
        all[13] = change(.reacted, 14, of: 4)
        // The newest piece, as a whole.
        for offset in [19, 20] as [UInt64] { all[Int(offset) - 1] = change(.edited, offset, of: 4) }
        recent.append(all, bound: bound)
        #expect(recent.snapshot.latestOrAll(.max) == all)
        recent.append([change(.deleted, 21, of: 4)], bound: bound)
        let left = all.filter { ![4, 9, 19, 20].contains($0.offset) } + [change(.deleted, 21, of: 4)]
        #expect(recent.snapshot.latestOrAll(.max) == left)
        #expect(recent.snapshot.latest(left.count) == left)
        #expect(recent.snapshot.entries(after: position(18)) == [change(.deleted, 21, of: 4)])
        #expect(recent.snapshot.entries(after: position(19)) == nil, "it is not there to compare")
        // Nothing of it is here any more, nor of what never was.
        recent.append([change(.deleted, 22, of: 4), change(.deleted, 23, of: 999)], bound: bound)
        #expect(recent.snapshot.latestOrAll(.max).count == left.count + 2)
        // What is left counts, not what was: with 29 more it is what is kept at most, and the next one costs the oldest piece.
        recent.append((24...52).map { entry($0) }, bound: bound)
        #expect(recent.snapshot.latestOrAll(.max).map(\.offset).first == 1)
        #expect(recent.snapshot.latestOrAll(.max).count == 48)
        recent.append([entry(53)], bound: bound)
        #expect(recent.snapshot.latestOrAll(.max).map(\.offset).first == 5)
        #expect(recent.snapshot.latestOrAll(.max).count == 46)
        #expect(recent.snapshot.completeAfter == 3)
    }

    /// Long texts that are deleted again leave no memory behind, however often.
    @Test func deletionsLeaveNoMemoryBehind() {
        let bound = RecentEntries.Bound()
        var recent = RecentEntries(after: position(0))
        var offset: UInt64 = 0
        var kept: [LogEntry] = []
        for _ in 0..<10 {
            let message = offset + 1
            for number in 0..<60 {
                offset += 1
                guard number % 3 < 2 else {
                    kept.append(entry(offset))
                    recent.append([entry(offset)], bound: bound)
                    continue
                }
                let long = LogEntry.sample(
                    offset: offset, at: Int64(offset), text: String(repeating: "x", count: 3_700))
                let edit = EntryChange(kind: .edited, target: message)
                recent.append(
                    [LogEntry(offset: offset, at: long.at, json: long.json, change: number == 0 ? nil : edit)],
                    bound: bound)
            }
            offset += 1
            kept.append(change(.deleted, offset, of: message))
            recent.append([change(.deleted, offset, of: message)], bound: bound)
            #expect(recent.snapshot.latestOrAll(.max) == kept)
        }
        let bytes = kept.reduce(0) { $0 + $1.json.readableBytes }
        #expect(recent.snapshot.memory < 3 * bytes + 8_192, "\(recent.snapshot.memory) for \(bytes)")
    }

    /// What comes after everything was deleted is kept as at the beginning.
    @Test func goesOnWhenAllIsDeleted() {
        var recent = RecentEntries(after: position(0))
        recent.append([entry(1)], bound: .init())
        recent.append([change(.edited, 2, of: 1)], bound: .init())
        recent.append([change(.deleted, 3, of: 1)], bound: .init())
        #expect(recent.snapshot.latestOrAll(.max) == [change(.deleted, 3, of: 1)])
        recent.append((4...9).map { entry($0) }, bound: .init())
        #expect(recent.snapshot.latest(6) == (4...9).map { entry($0) })
        #expect(recent.snapshot.entries(after: position(3)) == (4...9).map { entry($0) })
    }

    @Test func aSnapshotStaysAsItWas() {
        let bound = RecentEntries.Bound(entries: 48, bytes: 1 << 20)
        var recent = RecentEntries(after: position(0))
        for offset in 1...5 as ClosedRange<UInt64> { recent.append([entry(offset)], bound: bound) }
        let snapshot = recent.snapshot
        let before = (1...5).map { entry($0) }
        recent.append([entry(6)], bound: bound)
        #expect(snapshot.latestOrAll(.max) == before)
        recent.append([change(.deleted, 7, of: 5)], bound: bound)
        #expect(snapshot.latestOrAll(.max) == before)
        recent.append((8...100).map { entry($0) }, bound: bound)
        #expect(snapshot.latestOrAll(.max) == before)
        #expect(snapshot.entries(after: position(3)) == [entry(4), entry(5)])
        #expect(recent.snapshot.entries(after: position(3)) == nil)
    }

    /// Whatever memory answers is what the log would have answered; what it cannot know, it does not answer.
    @Test func answersLikeTheLogOrNotAtAll() {
        var answers = 0
        for seed in 0..<150 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            var log = ModelLog()
            for _ in 0..<Int.random(in: 0...12, using: &random) { _ = log.append(after: 1) }
            // With small bounds each entry is a piece of its own, with larger ones several are.
            let scale = random.oneIn(2) ? 1 : 12
            let bound = RecentEntries.Bound(
                entries: Int.random(in: 1...10, using: &random) * scale,
                bytes: Int.random(in: 200...2_000, using: &random) * scale
            )
            var recent = RecentEntries(page: log.page(limit: Int.random(in: 1...8, using: &random)), bound: bound)
            for _ in 0..<40 {
                let newer = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                    log.append(after: Int64.random(in: 0...1, using: &random)).entry
                }
                recent.append(newer, bound: bound)
                #expect(recent.snapshot.latestOrAll(.max).count <= bound.entries)
                #expect(recent.snapshot.latestOrAll(.max).reduce(0) { $0 + $1.json.readableBytes } <= bound.bytes)
                #expect(
                    recent.snapshot.latestOrAll(.max)
                        == Array(log.entries.suffix(recent.snapshot.latestOrAll(.max).count)),
                    "seed \(seed)")
                answers += check(recent.snapshot, log, &random, seed)
            }
        }
        #expect(answers > 500)
    }

    private func check(
        _ recent: RecentEntries.Snapshot, _ log: ModelLog, _ random: inout SeededGenerator, _ seed: UInt64
    ) -> Int {
        let count = Int.random(in: 0...12, using: &random)
        if let latest = recent.latest(count) { #expect(latest == Array(log.entries.suffix(count)), "seed \(seed)") }
        let offset = UInt64.random(in: 0...log.head.offset, using: &random)
        var since = Position(
            epoch: log.head.epoch, offset: offset, at: log.entries.first { $0.offset == offset }?.at ?? 0)
        if random.oneIn(5) { since.at += 1 }
        guard let entries = recent.entries(after: since) else { return 0 }
        #expect(log.entries(after: since, limit: .max) == .recovered(head: log.head, entries: entries), "seed \(seed)")
        return 1
    }
}
