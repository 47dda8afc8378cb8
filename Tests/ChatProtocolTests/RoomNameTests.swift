import ChatProtocol
import Testing

@Suite struct RoomNameTests {
    @Test(arguments: ["lobby", "a", "0.x_y-z", String(repeating: "a", count: 64)])
    func accepts(_ name: String) {
        #expect(RoomName(name)?.string == name)
    }

    @Test(arguments: ["", "Lobby", "-a", ".a", "a b", "a/b", "ä", String(repeating: "a", count: 65), "dm:", "dm:b:a", "dm:a:a"])
    func refuses(_ name: String) {
        #expect(RoomName(name) == nil)
    }

    @Test func aDirectRoomNamesItsUsersInByteOrder() throws {
        let (ann, bob) = (try #require(UserID("ann")), try #require(UserID("Bob")))
        #expect(RoomName.direct(ann, bob)?.string == "dm:Bob:ann")
        #expect(RoomName.direct(ann, bob) == RoomName.direct(bob, ann))
        #expect(RoomName.direct(ann, ann) == nil)
    }
}
