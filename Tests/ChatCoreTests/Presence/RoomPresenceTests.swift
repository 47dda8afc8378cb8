import ChatCore
import ChatProtocol
import Testing

@Suite struct RoomPresenceTests {
    private let ann: UserID
    private let bob: UserID
    private let here: NodeID
    private let there: NodeID
    private var presence: RoomPresence

    init() throws {
        ann = try #require(UserID("ann"))
        bob = try #require(UserID("bob"))
        here = try #require(NodeID("here"))
        there = try #require(NodeID("there"))
        presence = RoomPresence(node: here)
    }

    private func present(_ user: UserID, name: String? = nil, status: String = "online") -> PresentUser {
        PresentUser(id: user, name: name ?? user.string, status: status, since: 1, sessions: 1)
    }

    private mutating func enter(_ user: UserID) {
        presence.enter(user, name: user.string, status: "online", at: 1)
    }

    private mutating func apply(here: [PresentUser] = [], gone: [PresentUser] = [], size: Int) -> Bool {
        presence.apply(ShareNotice(node: there, size: size, changes: ShareChanges(here: here, gone: gone)))
    }

    // MARK: Several sessions, several nodes

    @Test mutating func severalSessionsAreOneMember() {
        enter(ann)
        enter(ann)
        #expect(presence.count == 1)
        #expect(presence.takeNews().joined.map(\.id) == [ann])
        let wasLast = [presence.exit(ann), presence.exit(ann), presence.exit(ann)]
        #expect(wasLast == [false, true, false])
        #expect(presence.count == 1, "until the grace is over")
        presence.remove(ann)
        #expect(presence.count == 1, "until it is told")
        #expect(presence.takeNews().left == [ann])
        #expect(presence.count == 0)
        #expect(!presence.takeUnwritten().gone.isEmpty)
        #expect(!presence.isDirty)
    }

    @Test mutating func whoComesBackWithinTheGraceStays() {
        enter(ann)
        _ = presence.takeNews()
        _ = presence.exit(ann)
        enter(ann)
        presence.remove(ann)
        let news = presence.takeNews()
        #expect(news.joined.isEmpty && news.left.isEmpty)
        #expect(presence.count == 1)
        #expect(presence.takeUnwritten().here.map(\.sessions) == [1])
    }

    @Test mutating func aUserOnTwoNodesLeavesWithTheLast() {
        enter(ann)
        let isComplete = apply(here: [present(ann), present(bob)], size: 2)
        #expect(isComplete)
        #expect(presence.count == 2)
        _ = presence.takeNews()
        _ = presence.exit(ann)
        presence.remove(ann)
        #expect(presence.count == 2)
        #expect(presence.takeNews().left.isEmpty)
        let isStillComplete = apply(gone: [present(ann)], size: 1)
        #expect(isStillComplete)
        #expect(presence.takeNews().left == [ann])
        #expect(presence.count == 1)
    }

    // MARK: Between two tellings

    @Test mutating func aHandOverBetweenTwoNodesIsSilent() {
        enter(ann)
        _ = presence.takeNews()
        _ = presence.exit(ann)
        presence.remove(ann)
        #expect(presence.someMembers(10).map(\.id) == [ann], "nobody has been told that she left")
        _ = apply(here: [present(ann)], size: 1)
        let news = presence.takeNews()
        #expect(news.joined.isEmpty && news.left.isEmpty && news.changed.isEmpty)
        #expect(presence.count == 1)
    }

    @Test mutating func whoComesBackWithAnotherNameHasChanged() {
        enter(ann)
        _ = presence.takeNews()
        _ = presence.exit(ann)
        presence.remove(ann)
        _ = apply(here: [present(ann, name: "annie")], size: 1)
        let news = presence.takeNews()
        #expect(news.joined.isEmpty && news.left.isEmpty)
        #expect(news.changed.map(\.name) == ["annie"])
    }

    @Test mutating func whoCameAndWentIsToldOnlyIfAListShowedIt() {
        for isListed in [false, true] {
            enter(ann)
            if isListed { #expect(presence.members(after: nil, limit: 10).map(\.id) == [ann]) }
            _ = presence.exit(ann)
            presence.remove(ann)
            #expect(presence.count == (isListed ? 1 : 0))
            let news = presence.takeNews()
            #expect(news.joined.isEmpty)
            #expect(news.left == (isListed ? [ann] : []))
        }
    }

    @Test mutating func whoOnlyAListShowedIsNewToTheOthers() {
        enter(ann)
        _ = presence.members(after: nil, limit: 10)
        _ = presence.exit(ann)
        presence.remove(ann)
        enter(ann)
        #expect(presence.takeNews().joined.map(\.id) == [ann])
        #expect(presence.count == 1)
    }

    // MARK: Notices

    @Test mutating func aMissedNoticeIsNoticed() {
        let isComplete = apply(here: [present(bob)], size: 2)
        #expect(!isComplete)
        presence.replace(there, with: [present(ann), present(bob)])
        #expect(presence.count == 2)
        let isCompleteNow = apply(gone: [present(ann)], size: 1)
        #expect(isCompleteNow)
    }

    @Test mutating func anEmptyShareIsEmpty() {
        _ = apply(here: [present(ann), present(bob)], size: 2)
        let isComplete = apply(gone: [present(ann)], size: 0)
        #expect(isComplete)
        #expect(presence.count == 0)
        #expect(presence.otherNodes.isEmpty)
    }

    @Test mutating func onesOwnNoticeIsIgnored() {
        let notice = ShareNotice(node: here, size: 9, changes: ShareChanges(here: [present(ann)]))
        let isComplete = presence.apply(notice)
        presence.replace(here, with: [present(bob)])
        #expect(isComplete && presence.count == 0)
    }

    @Test mutating func aNewNameOrStatusIsTold() {
        enter(ann)
        _ = apply(here: [present(bob)], size: 1)
        _ = (presence.takeNews(), presence.takeUnwritten())
        let isHere = presence.update(ann, name: "anna", status: nil)
        let isThere = presence.update(bob, name: "bobby", status: nil)
        #expect(isHere && !isThere, "bob is another node's")
        _ = apply(here: [present(bob, status: "away")], size: 1)
        let news = presence.takeNews()
        #expect(news.joined.isEmpty && news.left.isEmpty)
        #expect(Set(news.changed.map { "\($0.id) \($0.name) \($0.status)" }) == ["ann anna online", "bob bob away"])
        #expect(presence.takeUnwritten().here.map(\.name) == ["anna"])
        _ = apply(here: [present(bob, status: "away")], size: 1)
        #expect(!presence.isDirty)
    }

    // MARK: Lists

    @Test mutating func membersComeInOrderAndByPage() throws {
        for name in ["d", "b", "a", "c", "B"] { enter(try #require(UserID(name))) }
        #expect(presence.members(after: nil, limit: 9).map(\.id.string) == ["B", "a", "b", "c", "d"])
        #expect(presence.members(after: UserID("a"), limit: 2).map(\.id.string) == ["b", "c"])
        #expect(presence.members(after: UserID("zz"), limit: 2).isEmpty)
        #expect(presence.someMembers(3).count == 3)
    }

    // MARK: A new life

    @Test mutating func afterALostLeaseEverythingIsWrittenAnew() throws {
        enter(ann)
        enter(bob)
        _ = presence.takeUnwritten()
        presence.move(to: try #require(NodeID("reborn")))
        #expect(Set(presence.takeUnwritten().here.map(\.id)) == [ann, bob])
        // The survivors tell that the former life is gone.
        let notice = ShareNotice(node: here, size: 0, changes: ShareChanges(gone: [present(ann), present(bob)]))
        let isComplete = presence.apply(notice)
        #expect(isComplete && presence.count == 2)
    }
}
