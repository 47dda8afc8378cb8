import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

@Suite struct StatusTests {
    private let cluster = TestCluster()
    private let node: TestNode
    private let other: TestNode

    init() throws {
        let settings = SessionLoop.Settings(limits: Limits(framesPerSecond: 0))
        node = try cluster.node("n1", loops: 2, settings: settings)
        other = try cluster.node("n2", settings: settings)
    }

    private func connect(_ user: String, loop: Int = 0, on node: TestNode? = nil) throws -> TestClient {
        let client = (node ?? self.node).connect(loop: loop)
        try client.hello(user)
        return client
    }

    private func join(_ client: TestClient, _ room: String = "r") throws -> JSONValue {
        client.say(#"{"type":"join","id":"j","room":"\#(room)"}"#)
        return try #require(client.take().first { $0.type == "joined" })
    }

    /// All nodes tell what they have to tell, and then what they heard of each other.
    private func tick(at time: TimeAmount) {
        for part in 0...1 {
            for node in [node, other] { node.tick(after: time + .milliseconds(300 * Int64(part))) }
        }
    }

    private let busy = #"{"type":"status","id":"s","status":"busy","text":" in a meeting "}"#

    @Test func everybodyInTheRoomOnAllNodesIsTold() throws {
        let (ann, bob, carl) = (try connect("ann"), try connect("bob", loop: 1), try connect("carl", on: other))
        for client in [ann, bob, carl] { _ = try join(client) }
        tick(at: .seconds(1))
        for client in [ann, bob, carl] { _ = client.take() }
        ann.say(busy)
        #expect(ann.take().map(\.type) == ["ack", "user"])
        tick(at: .seconds(2))
        for client in [bob, carl] {
            let told = try #require(client.take().first { $0.type == "user" }?["user"])
            #expect(told["id"]?.string == "ann" && told["name"]?.string == "ann")
            #expect(told["status"]?.string == "busy" && told["statusText"]?.string == "in a meeting")
        }
        bob.say(#"{"type":"who","id":"w","room":"r"}"#)
        let members = try bob.takeOne()["members"]?.array ?? []
        #expect(members.first { $0["id"]?.string == "ann" }?["statusText"]?.string == "in a meeting")
    }

    @Test func itIsOneForAllSessionsOnAllNodes() throws {
        let (ann, again, afar) = (try connect("ann"), try connect("ann", loop: 1), try connect("ann", on: other))
        ann.say(busy)
        for client in [ann, again, afar] {
            #expect(client.take().last?["user"]?["status"]?.string == "busy")
        }
        // Whoever comes later finds it, and is shown with it.
        let bob = try connect("bob")
        _ = try join(ann)
        let members = try join(bob)["members"]?.array ?? []
        #expect(members.first { $0["id"]?.string == "ann" }?["status"]?.string == "busy")
        let later = try connect("ann", on: try cluster.node("n3"))
        #expect(try join(later)["members"]?.array?.first?["status"]?.string == "busy")
    }

    @Test func aTextIsTakenBackWithAStatusWithoutOne() throws {
        let ann = try connect("ann")
        ann.say(busy)
        ann.say(#"{"type":"status","status":"online","text":"  "}"#)
        let user = try #require(ann.take().last?["user"])
        #expect(user["status"]?.string == "online" && user["statusText"] == nil)
    }

    @Test func aRenameIsToldWithTheStatus() throws {
        let ann = try connect("ann")
        ann.say(busy)
        _ = ann.take()
        ann.say(#"{"type":"nick","id":"n","name":"anna"}"#)
        let user = try #require(ann.take().first { $0.type == "user" }?["user"])
        #expect(user["name"]?.string == "anna" && user["statusText"]?.string == "in a meeting")
    }

    @Test func whatWasMissedWhileTheLinkWasDownIsReadAfterwards() throws {
        let (ann, afar) = (try connect("ann"), try connect("ann", on: other))
        other.store.cutLink()
        ann.say(busy)
        #expect(afar.take().isEmpty)
        other.store.restoreLink()
        #expect(afar.take().last?["user"]?["status"]?.string == "busy")
    }

    @Test(arguments: [
        (#"{"type":"status","id":"1","status":"gone"}"#, "bad_frame"),
        (#"{"type":"status","id":"1"}"#, "bad_frame"),
        (#"{"type":"status","id":"1","status":"away","text":"a\nb"}"#, "bad_frame"),
        (#"{"type":"status","id":"1","status":"away","text":7}"#, "bad_frame"),
        (#"{"type":"status","id":"1","status":"away","text":"\#(String(repeating: "é", count: 129))"}"#, "too_large"),
    ]) func whatIsNoStatusIsRefused(frame: String, code: String) throws {
        let ann = try connect("ann")
        ann.say(frame)
        #expect(try [ann.takeOne()].summary == ["error 1 \(code)"])
    }

    @Test func aStoreThatIsAwayIsTold() throws {
        let ann = try connect("ann")
        node.store.failing = [.setting]
        ann.say(busy)
        #expect(try ann.takeOne().code == "unavailable")
    }
}
