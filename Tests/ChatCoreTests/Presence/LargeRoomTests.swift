import ChatProtocol
import NIOCore
import TestSupport
import Testing

@testable import ChatCore

/// Rooms of which only the number of members is known.
@Suite struct LargeRoomTests {
    private let here: NodeID
    private let there: NodeID
    private var presence: RoomPresence

    init() throws {
        here = try #require(NodeID("here"))
        there = try #require(NodeID("there"))
        presence = RoomPresence(node: here, largeAbove: 8)
    }

    private func users(_ range: Range<Int>) throws -> [PresentUser] {
        try range.map { number in
            let id = try #require(UserID("u\(number)"))
            return PresentUser(id: id, name: "u\(number)", status: "online", since: 1, sessions: 1)
        }
    }

    private mutating func enter(_ range: Range<Int>) throws {
        for user in try users(range) { presence.enter(user.id, name: user.name, status: "online", at: 1) }
    }

    private mutating func hear(_ range: Range<Int>, size: Int) throws -> Bool {
        presence.apply(ShareNotice(node: there, size: size, changes: ShareChanges(here: try users(range))))
    }

    @Test mutating func aRoomGrowsAndOnlyItsNumberIsTold() throws {
        try enter(0..<5)
        #expect(try hear(100..<103, size: 3) == true)
        #expect(!presence.isLarge)
        #expect(presence.takeNews().joined.count == 8)
        #expect(try hear(103..<104, size: 4) == true)
        #expect(presence.isLarge && presence.count == 9 && presence.isCountNew)
        let news = presence.takeNews()
        #expect(news.joined.isEmpty && news.left.isEmpty && news.changed.isEmpty)
        #expect(presence.takeCount() == 9)
        #expect(!presence.isCountNew)
        // What follows counts by its size alone: nothing can be missed.
        #expect(try hear(104..<105, size: 70) == true)
        #expect(presence.takeCount() == 75)
        #expect(presence.otherNodes == [there])
        // The share is written as ever.
        #expect(presence.takeUnwritten().here.count == 5)
        #expect(presence.someMembers(3).count == 3)
    }

    @Test mutating func whoIsOnSeveralNodesCountsForEach() throws {
        try enter(0..<9)
        #expect(presence.isLarge)
        #expect(try hear(0..<9, size: 9) == true)
        #expect(presence.count == 18)
    }

    @Test mutating func nothingChangesWithoutANewNumber() throws {
        presence.becomeLarge([there: 9])
        _ = presence.takeCount()
        #expect(try hear(0..<1, size: 9) == true)
        #expect(!presence.isCountNew)
        presence.replace(there, with: try users(0..<9))
        #expect(!presence.isCountNew)
        presence.replace(there, with: [])
        #expect(presence.isCountNew && presence.count == 0 && presence.otherNodes.isEmpty)
    }

    @Test mutating func aRoomShrinksWithAMargin() throws {
        presence.becomeLarge([there: 9, here: 1_000])
        #expect(presence.count == 9 && !presence.mayShrink)
        #expect(try hear(0..<0, size: 7) == true)
        #expect(!presence.mayShrink)
        try enter(0..<1)
        #expect(try hear(0..<0, size: 5) == true)
        #expect(presence.mayShrink)
        presence.becomeSmall()
        presence.replace(there, with: try users(10..<15))
        #expect(!presence.isLarge && presence.count == 6)
        // Nobody here was told who is in the room.
        #expect(presence.takeNews().joined.count == 6)
    }

    @Test mutating func aShareThatMakesARoomLargeIsCountedWhole() throws {
        presence.replace(there, with: try users(0..<300))
        #expect(presence.isLarge && presence.count == 300)
        presence.becomeSmall()
        presence.replace(there, with: try users(0..<2))
        #expect(presence.count == 2)
    }

    @Test mutating func aUserWhoLeavesIsTakenOut() throws {
        try enter(0..<9)
        let user = try #require(UserID("u3"))
        #expect(presence.exit(user) == true)
        presence.remove(user)
        #expect(presence.count == 8 && presence.member(user) == nil)
        #expect(presence.takeUnwritten().gone.map(\.id) == [user])
    }

    /// Random comings, goings, notices and readings: the count is always the sum of the sizes, or that of all users.
    @Test(arguments: 1...20) func theCountNeverDrifts(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var presence = RoomPresence(node: here, largeAbove: 8)
        var own: [UserID: Int] = [:]
        var other: Set<UserID> = []
        let everyone = try users(0..<14)
        for _ in 0..<400 {
            let user = try #require(everyone.randomElement(using: &random))
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<3:
                presence.enter(user.id, name: user.name, status: "online", at: 1)
                own[user.id, default: 0] += 1
            case 3..<6:
                guard let sessions = own[user.id] else { continue }
                let isLast = presence.exit(user.id)
                #expect(isLast == (sessions == 1))
                own[user.id] = isLast ? nil : sessions - 1
                if isLast { presence.remove(user.id) }
            case 6..<8:
                let changes: ShareChanges
                if other.remove(user.id) != nil {
                    changes = ShareChanges(gone: [user])
                } else {
                    other.insert(user.id)
                    changes = ShareChanges(here: [user])
                }
                #expect(presence.apply(ShareNotice(node: there, size: other.count, changes: changes)) == true)
            case 8:
                presence.replace(there, with: everyone.filter { other.contains($0.id) })
            default:
                guard presence.mayShrink else { continue }
                presence.becomeSmall()
                presence.replace(there, with: everyone.filter { other.contains($0.id) })
                _ = presence.takeNews()
            }
            let merged = other.union(own.keys)
            #expect(presence.count == (presence.isLarge ? own.count + other.count : merged.count))
            #expect(presence.isLarge || merged.count <= 8)
        }
    }
}
