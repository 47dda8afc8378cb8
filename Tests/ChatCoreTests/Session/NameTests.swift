import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

/// Names over a user's sessions, devices and changes of mind.
@Suite struct NameTests {
    private let cluster = TestCluster()
    private let node: TestNode
    private let other: TestNode

    init() throws {
        node = try cluster.node("n1", loops: 2)
        other = try cluster.node("n2")
    }

    private func connect(_ user: String, on node: TestNode? = nil, name: String? = nil) throws -> TestClient {
        let client = (node ?? self.node).connect()
        let name = name.map { #","name":"\#($0)""# } ?? ""
        client.say(#"{"type":"hello","id":"h","token":"token/\#(user)/\#(user)"\#(name)}"#)
        return client
    }

    private func nick(_ name: String) -> String { #"{"type":"nick","id":"\#(name)","name":"\#(name)"}"# }

    private func name(_ client: TestClient) -> String? {
        client.take().last { $0.type == "welcome" }?["user"]?["name"]?.string
    }

    @Test func changesInOneBreathLeaveNoNameReserved() throws {
        let ann = try connect("ann")
        _ = ann.take()
        ann.say(nick("b"), nick("c"), nick("d"))
        #expect(ann.take().filter { $0.type == "ack" }.map(\.re) == ["b", "c", "d"])
        #expect(Set(cluster.redis.names.keys) == ["d"])
    }

    @Test func oneThatIsTakenDoesNotHoldUpTheNext() throws {
        _ = try connect("bob")
        let ann = try connect("ann")
        _ = ann.take()
        ann.say(nick("bob"), nick("anna"))
        #expect(ann.take().filter { $0.type != "user" }.summary == ["error bob name_taken", "ack anna"])
        #expect(Set(cluster.redis.names.keys) == ["bob", "anna"])
    }

    @Test func aNameChangedSinceTheTokenWasMadeIsKept() throws {
        let ann = try connect("ann")
        ann.say(nick("anna"))
        let again = try connect("ann", on: other)
        #expect(name(again) == "anna")
        #expect(Set(cluster.redis.names.keys) == ["anna"])
    }

    @Test func aSessionThatComesWithAnotherNameRenamesTheOthers() throws {
        let ann = try connect("ann")
        _ = ann.take()
        let again = try connect("ann", on: other, name: "anna")
        #expect(name(again) == "anna")
        #expect(ann.take().last { $0.type == "user" }?["user"]?["name"]?.string == "anna")
        #expect(ann.session.identity?.name.string == "anna")
        #expect(Set(cluster.redis.names.keys) == ["anna"])
    }

    @Test func twoDevicesThatRenameAtOnceLeaveOneName() throws {
        let ann = try connect("ann")
        let again = try connect("ann", on: other)
        _ = (ann.take(), again.take())
        for store in [node.store, other.store] { store.hold(.rename) }
        ann.say(nick("b"))
        again.say(nick("c"))
        for store in [node.store, other.store] { store.release(.rename) }
        #expect(Set(cluster.redis.names.keys) == ["b", "c"], "both were reserved before either was heard of")
        for _ in 0..<3 {
            for node in [node, other] { node.beat() }
        }
        let names = [ann, again].map { $0.session.identity?.name.string }
        #expect(names[0] == names[1])
        #expect(Set(cluster.redis.names.keys) == Set(names.compactMap { $0 }))
    }

    @Test func aReservationOfASessionThatEndedIsTakenBack() throws {
        let ann = try connect("ann")
        node.store.hold(.rename)
        ann.say(nick("anna"))
        ann.session.end()
        node.store.release(.rename)
        node.tick(after: .seconds(10))
        #expect(cluster.redis.names.isEmpty)
    }

    /// The grace time counts from the last loss, in rooms as for the user.
    @Test func whoIsLostTwiceKeepsTheWholeGrace() throws {
        let bob = try connect("bob")
        bob.say(#"{"type":"join","id":"j","room":"r"}"#)
        let first = try connect("ann")
        first.say(#"{"type":"join","id":"j","room":"r"}"#)
        node.tick()
        first.session.end()
        cluster.run()
        let deadline = try #require(node.hub.leaving.first?.at)
        let second = try connect("ann")
        second.say(#"{"type":"join","id":"j","room":"r"}"#)
        while NIODeadline.now() <= deadline - .seconds(5) {}
        second.session.end()
        cluster.run()
        _ = bob.take()
        node.hub.takeOutLeaving(now: deadline)
        node.hub.tellPresence(now: deadline)
        cluster.run()
        #expect(!bob.take().contains { $0.type == "presence" && $0["left"]?.array?.isEmpty == false })
        node.tick(after: .seconds(20))
        #expect(bob.take().contains { $0["left"]?.array?.first?["id"]?.string == "ann" })
    }
}
