import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

/// What sessions and other nodes are told of a large room.
@Suite struct LargeRoomHubTests {
    private let cluster = TestCluster()
    private let node: TestNode
    private let other: TestNode

    init() throws {
        let settings = SessionLoop.Settings(limits: Limits(framesPerSecond: 0))
        let hub = RoomHub.Settings(largeRoom: 10)
        node = try cluster.node("n1", settings: settings, hub: hub)
        other = try cluster.node("n2", settings: settings, hub: hub)
    }

    private func join(_ user: String, on node: TestNode) throws -> TestClient {
        let client = node.connect()
        try client.hello(user)
        client.say(#"{"type":"join","id":"j","room":"r"}"#)
        return client
    }

    private func tick(at seconds: Int64) {
        for part in 0...1 {
            for node in [node, other] { node.tick(after: .seconds(seconds) + .milliseconds(300 * Int64(part))) }
        }
    }

    private func who(_ client: TestClient, after: String? = nil, limit: Int = 5) throws -> JSONValue {
        _ = client.take()
        let after = after.map { #","after":"\#($0)""# } ?? ""
        client.say(#"{"type":"who","id":"w","room":"r","limit":\#(limit)\#(after)}"#)
        return try client.takeOne()
    }

    @Test func aLargeRoomTellsItsNumber() throws {
        let ann = try join("ann", on: node)
        for number in 0..<5 { _ = try join("a\(number)", on: node) }
        for number in 0..<8 { _ = try join("b\(number)", on: other) }
        tick(at: 1)
        _ = ann.take()
        tick(at: 4)
        _ = try join("last", on: other)
        tick(at: 7)
        let told = try #require(ann.take().last { $0.type == "presence" })
        #expect(told["count"]?.integer == 15 && told["approx"]?.bool == true)
        #expect(told["joined"]?.array?.isEmpty == true && told["left"]?.array?.isEmpty == true)

        let joined = try #require(try join("zoe", on: node).take().last)
        #expect(joined["approx"]?.bool == true && joined["memberCount"]?.integer == 16)
        tick(at: 10)

        var names: Set<String> = []
        var cursor: String?
        repeat {
            let page = try who(ann, after: cursor)
            #expect(page["approx"]?.bool == true && page["count"]?.integer == 16)
            for member in page["members"]?.array ?? [] { names.insert(member["name"]?.string ?? "") }
            cursor = page["after"]?.string
        } while cursor != nil
        #expect(names.count == 16)
    }

    @Test func aNodeThatOpensALargeRoomReadsItsNumberOnly() throws {
        for number in 0..<12 { _ = try join("b\(number)", on: other) }
        tick(at: 1)
        let ann = try join("ann", on: node)
        let joined = try #require(ann.take().last)
        #expect(joined["memberCount"]?.integer == 13 && joined["approx"]?.bool == true)
        #expect(joined["members"]?.array?.map { $0["name"]?.string } == ["ann"])
        // One that is not in the room asks the store.
        let third = try cluster.node("n3", hub: RoomHub.Settings(largeRoom: 10))
        let carl = third.connect()
        try carl.hello("carl")
        tick(at: 2)
        #expect(try who(carl, limit: 20)["members"]?.array?.count == 13)
    }

    @Test func aRoomThatShrinksIsKnownAgain() throws {
        let ann = try join("ann", on: node)
        let others = try (0..<12).map { try join("b\($0)", on: other) }
        tick(at: 1)
        tick(at: 4)
        for client in others.dropFirst(3) { client.say(#"{"type":"leave","room":"r"}"#) }
        _ = ann.take()
        tick(at: 7)
        tick(at: 10)
        let told = try #require(ann.take().last { $0.type == "presence" })
        #expect(told["approx"] == nil && told["count"]?.integer == 4)
        #expect(Set(told["joined"]?.array?.compactMap { $0["name"]?.string } ?? []) == ["ann", "b0", "b1", "b2"])
        #expect(try who(ann)["approx"] == nil)
    }
}
