import Testing

@testable import ChatProtocol

@Suite struct RoomNameTests {
    @Test(arguments: ["a", "0", "lobby", "a.b_c-d", "9-", String(repeating: "x", count: 64)])
    func acceptsWhatTheProtocolNames(_ text: String) throws {
        let room = try #require(RoomName(text))
        #expect(room.string == text)
        #expect(!room.isDirect)
        #expect(room.participants == nil)
    }

    @Test(arguments: [
        "", ".a", "_a", "-a", "A", "lobbY", "a b", "a/b", "ä", "a\u{301}", "a\n", "a\0", "#a", "dm", "dm:", "dm:a",
        "dm:a:", "dm::a", "dm:b:a", "dm:a:a", "dm:a:b:c", "dm:a:b ", "DM:a:b", "a:b",
        "dm:\(String(repeating: "x", count: 41)):y", String(repeating: "x", count: 65),
    ])
    func refusesEverythingElse(_ text: String) {
        // "dm" alone is an ordinary room.
        #expect((RoomName(text) == nil) == (text != "dm"))
    }

    @Test func aDirectRoomHasItsUsersInByteOrder() throws {
        let (upper, lower) = (try #require(UserID("Zoe")), try #require(UserID("ann")))
        let room = try #require(RoomName.direct(lower, upper))
        #expect(room.string == "dm:Zoe:ann")
        #expect(RoomName.direct(upper, lower) == room)
        #expect(RoomName(room.string) == room)
        let (first, second) = try #require(room.participants)
        #expect(first == upper && second == lower)
        #expect(room.isDirect(of: upper) && room.isDirect(of: lower))
        #expect(!room.isDirect(of: try #require(UserID("bob"))))
        #expect(RoomName.direct(upper, upper) == nil)
    }

    @Test func aPrefixComesFirst() throws {
        let (short, long) = (try #require(UserID("a")), try #require(UserID("a-")))
        #expect(RoomName.direct(long, short)?.string == "dm:a:a-")
    }
}
