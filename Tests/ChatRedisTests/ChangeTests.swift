import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

/// Edits, deletions and reactions in the log.
@Suite struct ChangeTests {
    @Test func aChangeIsAnEntryLikeAnyOther() async throws {
        try await withStores { stores in
            let lobby = try room()
            try await stores.wait { $0.subscriber.subscribe("t:room:{lobby}") }
            try await stores.say("hi", by: "ann")
            let edited = try #require(try await stores.change(.edit, 1, by: "ann", text: "hello").position)
            let page = try await stores.latest(lobby)
            #expect(page.head == edited && edited.offset == 2)
            let entry = try #require(page.entries.last)
            #expect(
                entry.text
                    == #"{"offset":2,"epoch":"\#(edited.epoch)","at":\#(edited.at),"type":"edited","target":1,"#
                    + #""room":"lobby","from":{"id":"ann","name":"ann"},"text":"hello"}"#)
            #expect(entry.change == EntryChange(kind: .edited, target: 1))
            try await eventually("both were published") { try await stores { $0.heard.count } == 2 }
            #expect(try await stores { $0.heard }.last == "t:room:{lobby} \(entry.text)")
        }
    }

    @Test func onlyTheAuthorEditsAndDeletesUnlessAllowed() async throws {
        try await withStores { stores in
            try await stores.say("hi", by: "ann")
            for kind in [ChangeRequest.Kind.edit, .delete] {
                guard case StoreError.notYours? = await stores.changeFailure(kind, 1, by: "bob") else {
                    Issue.record("\(kind) was not refused")
                    continue
                }
            }
            #expect(try await stores.latest(try room()).head.offset == 1)
            #expect(try await stores.change(.delete, 1, by: "bob", mayChangeOthers: true).position?.offset == 2)
        }
    }

    @Test func whatIsNoMessageIsNotFound() async throws {
        try await withStores { stores in
            let empty = await stores.changeFailure(.edit, 1, by: "ann")
            guard case StoreError.noSuchEntry? = empty else {
                Issue.record("\(String(describing: empty))")
                return
            }
            #expect(try await stores.send("EXISTS", "t:room:{lobby}:meta").int == 0, "nothing was made")
            try await stores.say("hi", by: "ann")
            try await stores.change(.edit, 1, by: "ann")
            try await stores.change(.delete, 1, by: "ann")
            for target in [1, 2, 3, 4, 1 << 53 - 1] as [UInt64] {
                for kind in [ChangeRequest.Kind.edit, .delete, .react(emoji: "x", on: true)] {
                    let error = await stores.changeFailure(kind, target, by: "ann")
                    guard case StoreError.noSuchEntry? = error else {
                        Issue.record("\(kind) of \(target): \(String(describing: error))")
                        continue
                    }
                }
            }
            #expect(try await stores.latest(try room()).head.offset == 3)
        }
    }

    @Test func aDeletionTakesTheTextsOut() async throws {
        try await withStores { stores in
            let lobby = try room()
            var positions = [try await stores.latest(lobby).head]
            for text in ["one", "secret", "three"] { positions.append(try await stores.say(text, by: "ann")) }
            for _ in 0..<2 {
                positions.append(try #require(try await stores.change(.edit, 2, by: "ann", text: "secret").position))
            }
            let reaction = try await stores.change(.react(emoji: "👍", on: true), 2, by: "bob").position
            positions.append(try #require(reaction))
            positions.append(try #require(try await stores.change(.delete, 2, by: "ann").position))
            #expect(positions.last?.offset == 7)

            let page = try await stores.latest(lobby)
            #expect(page.entries.map(\.offset) == [1, 3, 6, 7])
            let everything = try await stores.wait { $0.link.send(["XRANGE", "t:room:{lobby}:log", "-", "+"]) }
            #expect(!String(describing: everything).contains("secret"))
            #expect(page.entries.last?.change == EntryChange(kind: .deleted, target: 2))
            // Whoever stopped anywhere goes on from there, be it at an entry that is no more.
            for position in positions {
                guard case .recovered(let head, let entries) = try await stores.since(position, lobby) else {
                    Issue.record("not recovered from \(position)")
                    continue
                }
                #expect(head == page.head)
                #expect(entries.map(\.offset) == [1, 3, 6, 7].filter { $0 > position.offset })
            }
            for offset in [2, 4] {
                var wrong = positions[offset]
                wrong.at -= 1
                #expect(try await stores.since(wrong, lobby) == .lost(head: page.head))
            }
        }
    }

    @Test func aDeletedEntryDoesNotCountTowardsTheLimit() async throws {
        try await withStores { stores in
            let lobby = try room()
            let first = try await stores.say("one", by: "ann")
            try await stores.say("two", by: "ann")
            try await stores.change(.delete, 1, by: "ann")
            let head = try await stores.latest(lobby).head
            #expect(try await stores.since(first, lobby, limit: 1) == .lost(head: head))
            guard case .recovered(_, let entries) = try await stores.since(first, lobby, limit: 2) else {
                Issue.record("not recovered")
                return
            }
            #expect(entries.map(\.offset) == [2, 3])
        }
    }

    // MARK: Reactions

    @Test func aReactionThatChangesNothingMakesNoEntry() async throws {
        try await withStores { stores in
            let lobby = try room()
            try await stores.say("hi", by: "ann")
            let steps: [(String, String, Bool, UInt64?)] = [
                ("bob", "👍", false, nil), ("bob", "👍", true, 2), ("bob", "👍", true, nil), ("ann", "👍", true, 3),
                ("bob", "👎", true, 4), ("bob", "👍", false, 5), ("bob", "👍", false, nil), ("bob", "👍", true, 6),
                ("bo", "👍", false, nil), ("ann", "👍", false, 7), ("bob", "+1", true, 8), ("bob", "-+1", true, 9),
            ]
            for (author, emoji, isOn, offset) in steps {
                let changed = try await stores.change(.react(emoji: emoji, on: isOn), 1, by: author)
                #expect(changed.position?.offset == offset, "\(author) \(emoji) \(isOn)")
            }
            #expect(try await stores.latest(lobby).head.offset == 9)
        }
    }

    @Test func concurrentEqualReactionsMakeOneEntry() async throws {
        try await withRedisServer { server in
            try await withStores(server, node: "a-1") { one in
                try await withStores(server, node: "b-1") { other in
                    try await one.say("hi", by: "ann")
                    let made = try await withThrowingTaskGroup(of: Changed.self) { group in
                        for index in 0..<20 {
                            let stores = index.isMultiple(of: 2) ? one : other
                            group.addTask { try await stores.change(.react(emoji: "👍", on: true), 1, by: "bob") }
                        }
                        return try await group.reduce(into: 0) { $0 += $1.position == nil ? 0 : 1 }
                    }
                    #expect(made == 1)
                    #expect(try await one.latest(try room()).head.offset == 2)
                }
            }
        }
    }

    @Test func aMessageHasBoundedReactionsButCanAlwaysBeDeleted() async throws {
        var settings = RedisStoreSettings()
        settings.changesPerMessage = 6
        settings.reactionsPerUser = 2
        try await withStores(settings: settings) { stores in
            try await stores.say("hi", by: "ann")
            for user in ["u1", "u2"] {
                for emoji in ["a", "b"] { try await stores.change(.react(emoji: emoji, on: true), 1, by: user) }
            }
            let tooMany = await stores.changeFailure(.react(emoji: "c", on: true), 1, by: "u1")
            guard case StoreError.tooManyChanges? = tooMany else {
                Issue.record("one user left three")
                return
            }
            try await stores.change(.react(emoji: "a", on: false), 1, by: "u1")
            try await stores.change(.edit, 1, by: "ann")
            try await stores.change(.edit, 1, by: "ann")
            for kind in [ChangeRequest.Kind.edit, .react(emoji: "a", on: true)] {
                let error = await stores.changeFailure(kind, 1, by: "ann")
                guard case StoreError.tooManyChanges? = error else {
                    Issue.record("\(kind) was not refused")
                    return
                }
            }
            // What is there can be taken back.
            #expect(try await stores.change(.react(emoji: "b", on: false), 1, by: "u1").position != nil)
            #expect(try await stores.change(.delete, 1, by: "ann").position != nil)
        }
    }

    // MARK: History

    @Test func aPageHasTheLaterChangesOfItsMessages() async throws {
        try await withStores { stores in
            let lobby = try room()
            for number in 1...4 { try await stores.say("\(number)", by: "ann") }
            try await stores.change(.edit, 2, by: "ann", text: "old")  // 5
            try await stores.change(.react(emoji: "👍", on: true), 1, by: "bob")  // 6
            try await stores.change(.edit, 2, by: "ann", text: "new")  // 7
            try await stores.change(.react(emoji: "👍", on: false), 1, by: "bob")  // 8
            try await stores.change(.react(emoji: "👎", on: true), 1, by: "bob")  // 9
            try await stores.change(.delete, 3, by: "ann")  // 10
            try await stores.change(.edit, 4, by: "ann", text: "four")  // 11
            let all = try await stores.latest(lobby)
            #expect(all.entries.map(\.offset) == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11] && all.changes.isEmpty)

            func page(_ range: HistoryRange, _ limit: Int) async throws -> ([UInt64], [UInt64], Bool) {
                let page = try await stores.wait { $0.log.page(lobby, range, limit: limit) }
                return (page.entries.map(\.offset), page.changes.map(\.offset), page.more)
            }
            #expect(try await page(.before(5), 50) == ([1, 2, 4], [7, 8, 9, 11], false))
            #expect(try await page(.before(3), 1) == ([2], [7], true))
            #expect(try await page(.before(7), 3) == ([4, 5, 6], [11], true))
            #expect(try await page(.after(0), 2) == ([1, 2], [7, 8, 9], true))
            #expect(try await page(.after(0), 6) == ([1, 2, 4, 5, 6, 7], [8, 9, 11], true))
            #expect(try await page(.after(1), 2) == ([2, 4], [7, 11], true))
            #expect(try await page(.latest, 3) == ([9, 10, 11], [], true))
        }
    }

    @Test func aPageIsCutWithItsChanges() async throws {
        var settings = RedisStoreSettings()
        settings.pageBytes = 3_000
        try await withStores(settings: settings) { stores in
            let lobby = try room()
            for number in 1...10 { try await stores.say("\(number)", by: "ann") }
            for number in 1...10 as ClosedRange<UInt64> {
                try await stores.change(.edit, number, by: "ann", text: String(repeating: "x", count: 500))
            }
            for range in [HistoryRange.before(11), .after(0)] {
                let page = try await stores.wait { $0.log.page(lobby, range, limit: 10) }
                #expect(page.more && page.entries.count == page.changes.count && page.entries.count == 3)
                let bytes = (page.entries + page.changes).reduce(0) { $0 + $1.json.readableBytes }
                #expect(bytes <= 3_000)
            }
        }
    }

    @Test func whatIsKnownOfChangesGoesWithTheTrimmedEntries() async throws {
        var settings = RedisStoreSettings()
        settings.retention = 10
        try await withStores(settings: settings) { stores in
            let lobby = try room()
            for round in 0..<20 {
                let offset = try await stores.say("\(round)", by: "ann").offset
                try await stores.change(.react(emoji: "x", on: true), offset, by: "bob")
                if round.isMultiple(of: 3) { try await stores.change(.delete, offset, by: "ann") }
                let first = try #require(try await stores.latest(lobby).entries.first?.offset)
                let known = try await stores.texts("HKEYS", "t:room:{lobby}:changes").compactMap { UInt64($0) }
                #expect(known.count <= 11 && known.allSatisfy { $0 + 1 >= first })
            }
            try await stores.send("DEL", "t:room:{lobby}:meta")
            #expect(try await stores.latest(lobby).head.offset == 0)
            #expect(try await stores.send("EXISTS", "t:room:{lobby}:changes").int == 0)
        }
    }

    /// A change to the very entry that its storing trims away leaves nothing behind.
    @Test func theLogOfOneEntry() async throws {
        var settings = RedisStoreSettings()
        settings.retention = 1
        try await withStores(settings: settings) { stores in
            for kind in [ChangeRequest.Kind.edit, .delete, .react(emoji: "x", on: true)] {
                let offset = try await stores.say("hi", by: "ann").offset
                #expect(try await stores.change(kind, offset, by: "ann").position?.offset == offset + 1)
                #expect(try await stores.send("HLEN", "t:room:{lobby}:changes").int == 0)
            }
        }
    }

    @Test func aCallerWhoKnowsMoreGetsANewEpoch() async throws {
        try await withStores { stores in
            let position = try await stores.say("hi", by: "ann")
            let known = Position(epoch: position.epoch, offset: 9, at: position.at + 1_000)
            let after = try #require(try await stores.change(.edit, 1, by: "ann", known: known).position)
            #expect(after.epoch != position.epoch && after.offset == 10 && after.at >= known.at)
        }
    }

    @Test func aDirectRoomHasNoChannel() async throws {
        try await withStores { stores in
            try await stores.wait { $0.subscriber.patternSubscribe("*") }
            try await stores.say("psst", by: "ann", room: "dm:ann:bob")
            try await stores.change(.edit, 1, by: "ann", room: "dm:ann:bob")
            try await stores.say("marker", by: "ann")
            try await eventually("the marker was published") { try await !stores { $0.heard.isEmpty } }
            #expect(try await stores { $0.heard.count } == 1)
        }
    }
}

extension StoresOnLoop {
    @discardableResult
    fileprivate func say(_ text: String, by author: String, room name: String = "lobby") async throws -> Position {
        let (place, author) = (try room(name), try user(author))
        let body = ByteBuffer(
            string: #""type":"message","room":"\#(place)","from":{"id":"\#(author)","name":"\#(author)"},"#
                + #""text":"\#(text)"}"#)
        return try await self.wait {
            $0.append(AppendRequest(room: place, author: author, body: body, key: nil, known: nil))
        }.position
    }

    private func request(
        _ kind: ChangeRequest.Kind, _ target: UInt64, by author: String, text: String = "x",
        mayChangeOthers: Bool = false, room name: String = "lobby", known: Position? = nil
    ) throws -> ChangeRequest {
        let (place, user) = (try room(name), try user(author))
        let name = try ChatRedisTests.name(author)
        let body =
            switch kind {
            case .edit:
                ChangeBody.encode(Edit(room: place, target: target, text: text), author: Author(user, name: name))
            case .delete: ChangeBody.encode(Delete(room: place, target: target), author: Author(user, name: name))
            case .react(let emoji, let isOn):
                ChangeBody.encode(
                    React(room: place, target: target, emoji: emoji, isOn: isOn), author: Author(user, name: name))
            }
        return ChangeRequest(
            room: place, author: user, kind: kind, target: target, body: body, mayChangeOthers: mayChangeOthers,
            known: known
        )
    }

    @discardableResult
    fileprivate func change(
        _ kind: ChangeRequest.Kind, _ target: UInt64, by author: String, text: String = "x",
        mayChangeOthers: Bool = false, room: String = "lobby", known: Position? = nil
    ) async throws -> Changed {
        let request = try self.request(
            kind, target, by: author, text: text, mayChangeOthers: mayChangeOthers, room: room, known: known)
        return try await self.wait { $0.log.change(request) }
    }

    fileprivate func changeFailure(
        _ kind: ChangeRequest.Kind, _ target: UInt64, by author: String
    ) async
        -> (any Error)?
    {
        guard let request = try? self.request(kind, target, by: author) else { return nil }
        return await self.failure { $0.log.change(request) }
    }
}
