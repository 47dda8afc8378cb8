import Testing

@testable import ChatProtocol

@Suite struct IdentifierTests {
    @Test(arguments: ["a", "A-z_09", "-", String(repeating: "x", count: 40)])
    func acceptsUsers(_ text: String) {
        #expect(UserID(text)?.string == text)
    }

    @Test(arguments: ["", "a b", "a:b", "a.b", "ä", "a\u{301}", "a\n", "\u{FF21}", String(repeating: "x", count: 41)])
    func refusesUsers(_ text: String) {
        #expect(UserID(text) == nil)
    }

    @Test func guestsAreRandom() {
        let guests = (0..<100).map { _ in UserID.randomGuest() }
        #expect(Set(guests).count == 100)
        #expect(guests.allSatisfy { $0.isGuest && $0.string.utf8.count == 34 && UserID($0.string) == $0 })
        #expect(UserID("ann")?.isGuest == false)
    }

    @Test func nodesHaveALifeOfTheirOwn() throws {
        let (one, other) = (try #require(NodeID(newLifeOf: "n.1")), try #require(NodeID(newLifeOf: "n.1")))
        #expect(one != other)
        #expect(one.string.hasPrefix("n.1-") && one.string.utf8.count == 12)
        #expect(NodeID(newLifeOf: String(repeating: "x", count: 63)) != nil)
        #expect(NodeID(newLifeOf: String(repeating: "x", count: 64)) == nil)
        #expect(NodeID(newLifeOf: "a b") == nil && NodeID("") == nil && NodeID("a:b") == nil)
        #expect(NodeID(String(repeating: "x", count: 81)) == nil)
    }
}
