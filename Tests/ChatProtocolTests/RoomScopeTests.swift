import ChatProtocol
import Testing

@Suite struct RoomScopeTests {
    @Test func namesAndBeginnings() throws {
        let scope = try #require(RoomScope(["lobby", "support-*"]))
        for (name, isContained) in [
            ("lobby", true), ("support-", true), ("support-7", true), ("lobby2", false), ("support", false),
            ("other", false),
        ] {
            let room = try #require(RoomName(name))
            #expect(scope.contains(room) == isContained, "\(name)")
        }
    }

    @Test func aStarIsEveryRoomAndNothingIsNone() throws {
        let room = try #require(RoomName("lobby"))
        #expect(RoomScope(["*"])?.contains(room) == true)
        #expect(RoomScope([])?.contains(room) == false)
    }

    @Test(arguments: ["", "Lobby", "a*b", "dm:a:b", "dm:a:*", "-x*", "**"])
    func whatIsNoPatternIsRefused(pattern: String) {
        #expect(RoomScope([pattern]) == nil)
    }
}
