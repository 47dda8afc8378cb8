import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

/// Who gets what is said in a room while sessions of several encodings come and go.
@Suite struct LocalRoomTests {
    private let cluster = TestCluster()
    private let node: TestNode
    private let lobby: RoomName

    init() throws {
        node = try cluster.node()
        lobby = try #require(RoomName("lobby"))
    }

    private func connect(_ user: String) throws -> TestClient {
        let client = node.connect()
        try client.hello(user)
        client.say(#"{"type":"join","id":"j","room":"lobby"}"#)
        #expect(try client.takeOne().type == "joined")
        return client
    }

    /// It is in the lobby from the beginning.
    private func connectPlainly() throws -> TestClient {
        let client = node.connect(dialect: PlainDialect())
        cluster.run()
        _ = client.takeLines()
        return client
    }

    private func say(_ text: String) {
        cluster.redis.say(text, in: lobby)
        cluster.run()
    }

    private func texts(_ client: TestClient) -> [String] {
        client.take().compactMap { $0["text"]?.string }
    }

    /// Asks for the outputs late, and again for each.
    private final class LateBroadcaster: Broadcaster {
        func deliver(_ frames: ByteBuffer, to slots: [OutputSlot], outputs: () -> [any SessionOutput]) {
            for index in slots.indices { outputs()[index].deliver(frames) }
        }
    }

    @Test(arguments: [false, true])
    func whoEndsWhileAMessageIsDeliveredKeepsItFromNobody(isBroadcast: Bool) throws {
        if isBroadcast { node.loops[0].broadcaster = LateBroadcaster() }
        let (ann, bob, carl) = (try connect("ann"), try connect("bob"), try connect("carl"))
        let (plain, plainer) = (try connectPlainly(), try connectPlainly())
        ann.output.onWrite = {
            ann.output.onWrite = nil
            // One of each list, one of them before its turn and one the last of its list.
            bob.session.end()
            plain.session.end()
        }
        say("one")
        say("two")
        #expect(texts(ann) == ["one", "two"] && texts(carl) == ["one", "two"])
        #expect(plainer.takeLines().map { $0.hasSuffix("one") } == [true, false])
    }

    @Test func placesAreRightAfterAnyoneHasLeft() throws {
        var clients = try ["ann", "bob", "carl", "dora", "emil"].map { try connect($0) }
        let plain = try connectPlainly()
        for place in [2, 0, 2, 1, 0] {
            clients.remove(at: place).session.end()
            say("still \(clients.count)")
            for client in clients { #expect(texts(client) == ["still \(clients.count)"]) }
        }
        #expect(plain.takeLines().count == 5)
        plain.session.end()
        #expect(node.loops[0].rooms[lobby] == nil)
    }

    @Test func whatIsReadInIsLeftToTheStore() throws {
        let ann = try connect("ann")
        let told = node.store.readsTold
        ann.session.receivedAll()
        #expect(node.store.readsTold == told + 1)
    }
}
