import ChatCore
import ChatProtocol
import TestSupport
import Testing

/// One node's view of a room against the truth, with notices of other nodes that get lost.
@Suite struct RoomPresenceModelTests {
    @Test func neverDrifts() throws {
        for seed in 0..<120 as Range<UInt64> {
            var run = try PresenceRun(seed: seed)
            for _ in 0..<300 { run.step() }
            run.settle()
        }
    }
}

private struct PresenceRun {
    private let seed: UInt64
    private var random: SeededGenerator
    private let users: [UserID]
    private let others: [NodeID]
    private var presence: RoomPresence
    /// The truth: this node's sessions, and whose grace has not ended.
    private var sessions: [UserID: Int] = [:]
    private var shares: [NodeID: [UserID: PresentUser]] = [:]
    /// What this node's sessions know from what they were told.
    private var told: Set<UserID> = []
    /// What somebody knows who was given a list since, and the truth at every step since the last telling.
    private var listed: Set<UserID>?
    private var wereHere: [Set<UserID>] = []
    /// What the other nodes know of this node's share.
    private var written: [UserID: PresentUser] = [:]

    init(seed: UInt64) throws {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        users = try (0..<8).map { try #require(UserID("u\($0)")) }
        others = try (0..<3).map { try #require(NodeID("n\($0)")) }
        presence = RoomPresence(node: try #require(NodeID("here")))
    }

    private var truth: Set<UserID> { shares.values.reduce(into: Set(sessions.keys)) { $0.formUnion($1.keys) } }

    mutating func step() {
        guard let user = users.randomElement(using: &random), let node = others.randomElement(using: &random) else {
            return
        }
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<5:
            presence.enter(user, name: user.string, status: "online", at: 1)
            sessions[user, default: 0] += 1
        case 5..<9:
            let count = sessions[user] ?? 0
            let wasLast = presence.exit(user)
            #expect(wasLast == (count == 1), "seed \(seed)")
            if count > 0 { sessions[user] = count - 1 }
        case 9..<11:
            presence.remove(user)
            if sessions[user] == 0 { sessions[user] = nil }
        case 11..<16: change(user, on: node)
        case 16:
            // A node died: its share is gone, and somebody may tell.
            shares[node] = nil
            if random.oneIn(2) { hear(ShareNotice(node: node, size: 0, changes: .init())) }
        case 17: if presence.update(user, name: "\(user)-\(seed)", status: nil) { #expect(sessions[user] != nil) }
        case 18: tell()
        default: write()
        }
        wereHere.append(Set(users.filter { presence.member($0) != nil }))
        #expect(wereHere.last?.isSuperset(of: sessions.keys) == true, "seed \(seed)")
        #expect(presence.ownCount == sessions.count, "seed \(seed)")
        if random.oneIn(8) { list() }
    }

    /// Who is given a list sees everybody who is here, and at most those who were since the last telling.
    private mutating func list() {
        let list = Set(presence.members(after: nil, limit: 100).map(\.id))
        #expect(list.count == presence.count, "seed \(seed)")
        #expect(Set(presence.someMembers(100).map(\.id)) == list, "seed \(seed)")
        #expect(list.isSuperset(of: wereHere.last ?? []), "seed \(seed)")
        #expect(list.isSubset(of: wereHere.reduce(told) { $0.union($1) }), "seed \(seed)")
        listed = list
    }

    /// Another node's share changes; the notice may be lost.
    private mutating func change(_ user: UserID, on node: NodeID) {
        var changes = ShareChanges()
        let present = PresentUser(id: user, name: "\(user)", status: "online", since: 1, sessions: 1)
        if shares[node, default: [:]].removeValue(forKey: user) == nil {
            shares[node, default: [:]][user] = present
            changes.here = [present]
        } else {
            changes.gone = [present]
        }
        guard !random.oneIn(4) else { return }
        hear(ShareNotice(node: node, size: shares[node]?.count ?? 0, changes: changes))
    }

    private mutating func hear(_ notice: ShareNotice) {
        if !presence.apply(notice) { presence.replace(notice.node, with: Array((shares[notice.node] ?? [:]).values)) }
    }

    private mutating func tell() {
        let news = presence.takeNews()
        let (joined, left) = (Set(news.joined.map(\.id)), Set(news.left))
        #expect(joined.count == news.joined.count && left.count == news.left.count, "seed \(seed)")
        #expect(joined.isDisjoint(with: left) && joined.isDisjoint(with: news.changed.map(\.id)), "seed \(seed)")
        let here = Set(users.filter { presence.member($0) != nil })
        // Each of them once: nobody is told of who was here all along, nor of a flicker that no list has shown.
        #expect(joined == here.subtracting(told), "seed \(seed)")
        #expect(left.isSuperset(of: told.subtracting(here)), "seed \(seed)")
        if listed == nil { #expect(left == told.subtracting(here), "seed \(seed)") }
        if let listed { #expect(listed.union(joined).subtracting(left) == here, "seed \(seed)") }
        (told, listed, wereHere) = (here, nil, [here])
    }

    private mutating func write() {
        let changes = presence.takeUnwritten()
        for user in changes.here { written[user.id] = user }
        for user in changes.gone { written[user.id] = nil }
        #expect(written.mapValues(\.sessions) == sessions, "seed \(seed)")
        #expect(Set(changes.here.map(\.id)).isDisjoint(with: changes.gone.map(\.id)), "seed \(seed)")
    }

    mutating func settle() {
        for node in others { presence.replace(node, with: Array((shares[node] ?? [:]).values)) }
        tell()
        write()
        #expect(told == truth, "seed \(seed)")
        #expect(presence.count == truth.count, "seed \(seed)")
        let filled = shares.filter { !$0.value.isEmpty }.keys
        #expect(Set(presence.otherNodes) == Set(filled), "seed \(seed)")
        #expect(!presence.isDirty, "seed \(seed)")
    }
}
