import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

/// Random appends, keys, readings, retention, failovers that lose writes, and renewed epochs, against a model.
@Suite struct LogModelTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6])
    func theLogBehavesAsTheModel(seed: UInt64) async throws {
        var settings = RedisStoreSettings()
        settings.retention = 20
        try await withStores(settings: settings) { stores in
            var run = ModelRun(stores: stores, random: SplitMix(state: seed), model: LogModel(retention: 20))
            for _ in 0..<400 { try await run.step() }
        }
    }
}

private struct ModelRun {
    let stores: StoresOnLoop
    var random: SplitMix
    var model: LogModel
    /// What a failover would go back to: Redis's database 1 holds the same.
    var backup: LogModel?
    /// Positions that were ever told to somebody.
    var told: [Position] = []

    mutating func step() async throws {
        switch self.random.below(100) {
        case 0..<55: try await self.append()
        case 55..<80: try await self.since()
        case 80..<90: try await self.page()
        case 90..<94: try await self.backUp()
        case 94..<97: try await self.failOver()
        default: try await self.renew()
        }
    }

    private mutating func append() async throws {
        let key = self.random.below(4) == 0 ? "k\(self.random.below(10))" : nil
        // A node knows the latest it was told, something older, or nothing.
        let known = self.random.below(3) == 0 ? self.told.last : self.told.randomElement(using: &self.random)
        let passed = self.random.below(4) == 0 ? nil : known
        let text = "\(self.random.below(1_000_000))"
        let lobby = try room()
        let appended = try await self.stores.append(text, to: lobby, key: key, known: passed)
        self.model.append(text, key: key, known: passed, result: appended)
        if !appended.isRepeat { self.told.append(appended.position) }
    }

    private mutating func since() async throws {
        guard var position = self.told.randomElement(using: &self.random) else { return }
        if self.random.below(10) == 0 { position.at += 1 }
        if self.random.below(10) == 0 { position.offset += UInt64(self.random.below(3)) }
        let limit = self.random.below(25)
        let recovery = try await self.stores.since(position, try room(), limit: limit)
        #expect(recovery == self.model.since(position, limit: limit, opened: recovery))
    }

    private mutating func page() async throws {
        let offset = UInt64(self.random.below(80))
        let range: HistoryRange = [.latest, .before(offset), .after(offset)][self.random.below(3)]
        let limit = self.random.below(12)
        let lobby = try room()
        let page = try await self.stores.wait { $0.log.page(lobby, range, limit: limit) }
        #expect(page == self.model.page(range, limit: limit, opened: page.head))
    }

    private mutating func backUp() async throws {
        try await self.clearBackup()
        for key in try await self.stores.texts("KEYS", "*") {
            try await self.stores.send("COPY", .init(key), .init(key), "DB", 1)
        }
        self.backup = self.model
    }

    private mutating func failOver() async throws {
        guard let backup = self.backup else { return }
        try await self.stores.send("SWAPDB", 0, 1)
        try await self.clearBackup()
        self.model = backup
        self.backup = nil
    }

    private func clearBackup() async throws {
        try await self.stores.send("EVAL", "redis.call('SELECT', 1) return redis.call('FLUSHDB')", 0)
    }

    private mutating func renew() async throws {
        guard let lost = self.told.randomElement(using: &self.random)?.epoch else { return }
        let lobby = try room()
        let head = try await self.stores.wait { $0.log.renewEpoch(of: lobby, lost: lost) }
        self.model.renew(lost, result: head)
        self.told.append(head)
    }
}

/// What a log is meant to be. Epochs and times come from the real one; the model checks that they may be so.
private struct LogModel {
    let retention: Int
    var epoch: String?
    var offset: UInt64 = 0
    var at: Int64 = 0
    var first: UInt64 = 1
    var entries: [LogEntry] = []
    var keys: [String: Position] = [:]
    var epochs: Set<String> = []

    init(retention: Int) {
        self.retention = retention
    }

    var head: Position { Position(epoch: self.epoch ?? "", offset: self.offset, at: self.at) }

    /// The first to look at a room without an epoch makes one.
    private mutating func open(_ epoch: String) {
        guard self.epoch == nil else { return }
        #expect(self.epochs.insert(epoch).inserted)
        self.epoch = epoch
    }

    mutating func append(_ text: String, key: String?, known: Position?, result: Appended) {
        if let key, let earlier = self.keys[key] {
            #expect(result == Appended(position: earlier, isRepeat: true))
            return
        }
        self.open(result.position.epoch)
        if let known, known.epoch == self.epoch,
            known.offset > self.offset || known.at > self.at || (known.offset == self.offset && known.at != self.at)
        {
            #expect(self.epochs.insert(result.position.epoch).inserted)
            self.epoch = result.position.epoch
            self.offset = max(self.offset, known.offset)
            self.at = max(self.at, known.at)
        }
        self.offset += 1
        #expect(!result.isRepeat)
        #expect(result.position.epoch == self.epoch && result.position.offset == self.offset)
        #expect(result.position.at >= self.at)
        self.at = result.position.at
        let json = #"{"offset":\#(self.offset),"epoch":"\#(result.position.epoch)","at":\#(self.at),"#
        self.entries.append(
            LogEntry(
                offset: self.offset,
                at: self.at,
                json: ByteBuffer(string: json + String(buffer: body(text)))
            )
        )
        if Int(self.offset) - self.retention + 1 - Int(self.first) >= self.retention / 10 {
            self.first = self.offset - UInt64(self.retention) + 1
            self.entries.removeAll { $0.offset < self.first }
        }
        if let key { self.keys[key] = result.position }
    }

    mutating func since(_ position: Position, limit: Int, opened: Recovery) -> Recovery {
        switch opened {
        case .recovered(let head, _), .lost(let head): self.open(head.epoch)
        }
        let lost = Recovery.lost(head: self.head)
        guard position.epoch == self.epoch, position.offset <= self.offset else { return lost }
        if position.offset == self.offset {
            return position.at == self.at ? .recovered(head: self.head, entries: []) : lost
        }
        let after = self.entries.filter { $0.offset > position.offset }
        if position.offset == 0 {
            guard position.at == 0, self.first == 1 else { return lost }
        } else {
            guard self.entries.contains(where: { $0.offset == position.offset && $0.at == position.at }) else {
                return lost
            }
        }
        return after.count <= limit ? .recovered(head: self.head, entries: after) : lost
    }

    mutating func page(_ range: HistoryRange, limit: Int, opened: Position) -> LogPage {
        self.open(opened.epoch)
        let candidates: [LogEntry] =
            switch range {
            case .latest: self.entries
            case .before(let offset): self.entries.filter { $0.offset < offset }
            case .after(let offset): self.entries.filter { $0.offset > offset }
            }
        var isForward = false
        if case .after = range { isForward = true }
        let entries = isForward ? Array(candidates.prefix(limit)) : Array(candidates.suffix(limit))
        return LogPage(head: self.head, entries: entries, more: candidates.count > limit)
    }

    mutating func renew(_ lost: String, result: Position) {
        self.open(result.epoch)
        if self.epoch == lost {
            #expect(self.epochs.insert(result.epoch).inserted)
            self.epoch = result.epoch
        }
        #expect(result == self.head)
    }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func below(_ bound: Int) -> Int {
        Int.random(in: 0..<bound, using: &self)
    }
}
