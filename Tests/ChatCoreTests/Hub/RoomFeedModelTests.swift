import ChatCore
import ChatProtocol
import NIOCore
import TestSupport
import Testing

/// The feed against a log whose entries are published unreliably and read late: see ``FeedRun``.
@Suite struct RoomFeedModelTests {
    @Test func staysTrueToALogThatOnlyGrows() {
        for seed in 0..<150 as Range<UInt64> {
            var run = FeedRun(seed: seed, faults: .init(epochs: false, rollbacks: false, growsUnaware: false))
            run.run(steps: 400)
        }
    }

    @Test func staysTrueToALogThatLosesEntries() {
        for seed in 1_000..<1_250 as Range<UInt64> {
            var run = FeedRun(seed: seed, faults: .init(epochs: true, rollbacks: true, growsUnaware: false))
            run.run(steps: 400)
        }
    }

    /// Here a log that was rolled back may grow past the feed's head before anybody notices.
    @Test func staysTrueToALogThatLosesEntriesUnnoticed() {
        for seed in 2_000..<2_250 as Range<UInt64> {
            var run = FeedRun(seed: seed, faults: .init(epochs: true, rollbacks: true, growsUnaware: true))
            run.run(steps: 400)
        }
    }
}

/// One seeded run: a log, a link that drops, repeats, delays and reorders, a store that answers late or fails, and
/// what the sessions were given.
private struct FeedRun {
    struct Faults {
        var epochs: Bool
        var rollbacks: Bool
        var growsUnaware: Bool
    }

    private enum Answer {
        case page(LogPage)
        case recovery(Recovery)
        case renewed
        case failed
    }

    private let seed: UInt64
    private let faults: Faults
    private var random: SeededGenerator
    private var log = ModelLog()
    private var feed = RoomFeed()
    private var inFlight: [(entry: LogEntry, epoch: String)] = []
    private var linkIsUp = true
    /// What is being read; the store takes it up at one moment and its answer arrives at a later one.
    private var reading: RoomFeed.Next? = .open
    private var answer: Answer?
    private var sessions = Sessions()

    init(seed: UInt64, faults: Faults) {
        self.seed = seed
        self.faults = faults
        random = SeededGenerator(seed: seed)
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps { step() }
        settle()
    }

    private mutating func step() {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<7: append()
        case 7..<12: arrive()
        case 12..<16: takeUpReading()
        case 16: if random.oneIn(3) { cutLink() }
        case 17: if !linkIsUp { restoreLink() }
        case 18: if faults.rollbacks, random.oneIn(4) { rollBack() }
        default: if faults.epochs, random.oneIn(8) { loseEpoch() }
        }
    }

    // MARK: The log

    private mutating func append() {
        if log.isRolledBack, !faults.growsUnaware || random.oneIn(2) { log.renewEpoch(lost: log.head.epoch) }
        let published = log.append(after: Int64.random(in: 0...2, using: &random))
        publish(published)
        // A repeated key of a direct message is told again.
        if random.oneIn(6), let known = log.entries.randomElement(using: &random) { publish((known, epoch(of: known))) }
    }

    private func epoch(of entry: LogEntry) -> String {
        EntryHeader(entry.json)?.position.epoch ?? ""
    }

    private mutating func rollBack() {
        log.rollBack(Int.random(in: 1...5, using: &random))
        // A failover ends the links.
        cutLink()
    }

    private mutating func loseEpoch() {
        if random.oneIn(2) {
            log.flush()
            cutLink()
        } else {
            log.renewEpoch(lost: log.head.epoch)
        }
    }

    // MARK: The link

    private mutating func publish(_ published: (entry: LogEntry, epoch: String)) {
        guard linkIsUp, !random.oneIn(12) else { return }
        inFlight.append(published)
        if random.oneIn(12) { inFlight.append(published) }
    }

    private mutating func arrive() {
        guard !inFlight.isEmpty else { return }
        let index = random.oneIn(5) ? Int.random(in: 0..<inFlight.count, using: &random) : 0
        let published = inFlight.remove(at: index)
        perform(feed.received(published.entry, epoch: published.epoch))
    }

    private mutating func cutLink() {
        linkIsUp = false
        inFlight = []
    }

    private mutating func restoreLink() {
        linkIsUp = true
        perform(feed.verify())
    }

    // MARK: The store

    private mutating func takeUpReading() {
        guard let reading else { return }
        if let answer {
            self.answer = nil
            self.reading = nil
            return take(answer)
        }
        guard !random.oneIn(8) else {
            answer = .failed
            return
        }
        switch reading {
        case .nothing: Issue.record("nothing to read, seed \(seed)")
        case .open: answer = .page(log.page(limit: 5))
        case .fill(let position): answer = .recovery(log.entries(after: position, limit: 12))
        case .renew(let lost):
            log.renewEpoch(lost: lost)
            // The store may have done it and the answer be lost all the same.
            answer = random.oneIn(4) ? .failed : .renewed
        }
    }

    private mutating func take(_ answer: Answer) {
        switch answer {
        case .failed: reading = feed.pending == .nothing ? nil : feed.pending
        case .renewed: reading = .open
        case .recovery(let recovery): perform(feed.filled(recovery))
        case .page(let page):
            sessions.begin(page, previous: page.entries.last.flatMap { log.links[$0.json]?.id })
            perform(feed.opened(at: page.head))
        }
    }

    private mutating func perform(_ step: RoomFeed.Step) {
        for entry in step.deliver {
            guard let link = log.links[entry.json] else {
                Issue.record("an entry that was never written, seed \(seed)")
                continue
            }
            if let problem = sessions.receive(entry, link, epoch: epoch(of: entry)) {
                Issue.record("\(problem), seed \(seed)")
            }
        }
        if let head = feed.head, head != sessions.head {
            Issue.record("the feed is at \(head), the sessions at \(sessions.head), seed \(seed)")
        }
        guard step.then != .nothing else { return }
        #expect(reading == nil, "asked while a reading is under way, seed \(seed)")
        reading = step.then
    }

    // MARK: The end

    private mutating func settle() {
        if log.isRolledBack { log.renewEpoch(lost: log.head.epoch) }
        while !inFlight.isEmpty { arrive() }
        restoreLink()
        for _ in 0..<200 where reading != nil { takeUpReading() }
        #expect(feed.head == log.head, "seed \(seed)")
        #expect(sessions.given == Array(log.entries.suffix(sessions.given.count)), "seed \(seed)")
        if !faults.growsUnaware { #expect(sessions.contradictions == 0, "seed \(seed)") }
    }
}

/// What the sessions of a room were given: pages to start from, and entries since.
private struct Sessions {
    private(set) var head = Position(epoch: "", offset: 0, at: 0)
    /// Since the last page.
    private(set) var given: [LogEntry] = []
    private var previous: Int?
    private var seen: [String: LogEntry] = [:]
    /// How often another entry was given under an epoch and offset that were given before.
    private(set) var contradictions = 0

    mutating func begin(_ page: LogPage, previous: Int?) {
        head = page.head
        given = []
        self.previous = previous
    }

    /// - Returns: what is wrong with being given this entry now.
    mutating func receive(_ entry: LogEntry, _ link: ModelLog.Link, epoch: String) -> String? {
        let key = "\(epoch) \(entry.offset)"
        if let former = seen.updateValue(entry, forKey: key), former != entry { contradictions += 1 }
        defer {
            head = Position(epoch: epoch, offset: entry.offset, at: entry.at)
            previous = link.id
            given.append(entry)
        }
        if epoch != head.epoch { return "an entry of epoch \(epoch) in \(head.epoch)" }
        if entry.offset != head.offset + 1 { return "offset \(entry.offset) after \(head.offset)" }
        if link.previous != previous { return "an entry of another life of the log" }
        return nil
    }
}
