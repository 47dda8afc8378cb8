import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

/// What a user's sessions may do in all.
@Suite struct SpendingTests {
    private let cluster = TestCluster()
    private let node: TestNode
    private let allowances: FakeAllowances

    init() throws {
        node = try cluster.node(settings: .init(limits: Limits(burst: 1_000, framesPerSecond: 20)))
        allowances = FakeAllowances(eventLoop: cluster.eventLoop)
        node.loops[0].allowances = allowances
    }

    private func connect(_ user: String) throws -> TestClient {
        let client = node.connect()
        try client.hello(user)
        return client
    }

    @Test func theSessionsOfAUserCountTogether() throws {
        let (one, other, bob) = (try connect("ann"), try connect("ann"), try connect("bob"))
        node.loops[0].countSpending(now: .now() + .seconds(2))
        allowances.spent = []
        for _ in 0..<6 { for client in [one, other, bob] { client.say(#"{"type":"ping"}"#) } }
        node.loops[0].countSpending(now: .now() + .seconds(2))
        // Few frames are nobody's business; and what was counted is not counted again.
        #expect(allowances.spent == ["ann frames 12"])
        node.loops[0].countSpending(now: .now() + .seconds(2))
        #expect(allowances.spent.count == 1)
    }

    @Test func aSecondIsCountedWhenItIsOver() throws {
        let (ann, loop, start) = (try connect("ann"), node.loops[0], NIODeadline.now() + .seconds(2))
        loop.tick(now: start)
        allowances.spent = []
        for _ in 0..<11 { ann.say(#"{"type":"ping"}"#) }
        loop.tick(now: start + .milliseconds(900))
        #expect(allowances.spent.isEmpty)
        loop.tick(now: start + .seconds(1))
        #expect(allowances.spent == ["ann frames 11"])
    }

    /// Wherever in the second each of them begins, none of the counts covers less than a second.
    @Test func manySessionsAreNotCountedInSmallerPieces() throws {
        let (sessions, loop) = ([try connect("ann"), try connect("ann")], node.loops[0])
        let start = NIODeadline.now() + .seconds(2)
        loop.tick(now: start)
        allowances.spent = []
        for step in 0..<40 {
            // The first one begins half a second before the other.
            let session = sessions[step < 5 ? 0 : step % 2]
            for _ in 0..<2 { session.say(#"{"type":"ping"}"#) }
            loop.tick(now: start + .milliseconds(Int64(step + 1) * 100))
        }
        #expect(allowances.spent == Array(repeating: "ann frames 20", count: 4))
    }

    @Test func whoDidTooMuchIsHeldWithAllSessions() throws {
        let (one, other, bob) = (try connect("ann"), try connect("ann"), try connect("bob"))
        allowances.waits[.frames] = 5_000
        for _ in 0..<11 { one.say(#"{"type":"ping"}"#) }
        _ = one.take()
        node.loops[0].countSpending(now: .now() + .seconds(2))
        for client in [one, other] {
            client.say(#"{"type":"ping","id":"1"}"#)
            let error = try client.takeOne()
            #expect(error.code == "rate_limited" && (4_000...5_001).contains(error["retryAfter"]?.integer ?? 0))
        }
        bob.say(#"{"type":"ping"}"#)
        #expect(try bob.takeOne().type == "pong")
    }

    @Test func joinsAreHeldAlone() throws {
        let ann = try connect("ann")
        allowances.waits[.joins] = 5_000
        for room in 0..<6 { ann.say(#"{"type":"join","room":"r\#(room)"}"#) }
        node.loops[0].countSpending(now: .now() + .seconds(2))
        #expect(allowances.spent.contains("ann joins 6"))
        _ = ann.take()
        ann.say(#"{"type":"join","id":"j","room":"lobby"}"#)
        let error = try ann.takeOne()
        #expect(error.code == "rate_limited" && error.room == "lobby" && (error["retryAfter"]?.integer ?? 0) > 4_000)
        ann.say(#"{"type":"send","id":"s","room":"r1","text":"a"}"#)
        #expect(ann.take().contains { $0.type == "ack" })
    }

    @Test func strangersAreCountedUntilTheyAnswer() throws {
        let (ann, bob) = (try connect("ann"), try connect("bob"))
        ann.say(#"{"type":"send","id":"1","to":"bob","text":"hello"}"#)
        #expect(allowances.spent == ["ann strangers 1!"])
        _ = ann.take()
        allowances.waits[.strangers] = 7_000
        ann.say(#"{"type":"send","id":"2","to":"bob","text":"are you there?"}"#)
        let error = try ann.takeOne()
        #expect(error.code == "rate_limited" && error["retryAfter"]?.integer == 7_000)
        // Answering is free, and from then on so is writing.
        bob.say(#"{"type":"send","id":"3","to":"ann","text":"yes"}"#)
        ann.say(#"{"type":"send","id":"4","to":"bob","text":"good"}"#)
        #expect(allowances.spent.count == 2 && ann.take().contains { $0.type == "ack" && $0.re == "4" })
    }

    @Test func anotherNameIsAskedFor() throws {
        let ann = try connect("ann")
        ann.say(#"{"type":"nick","id":"1","name":"anna"}"#)
        #expect(allowances.spent == ["ann renames 1!"])
        #expect(ann.take().contains { $0.type == "ack" })
        allowances.waits[.renames] = 4_000
        ann.say(#"{"type":"nick","id":"2","name":"annabel"}"#)
        let error = try ann.takeOne()
        #expect(error.code == "rate_limited" && error["retryAfter"]?.integer == 4_000 && error.re == "2")
        // The name so far is kept, and what comes later is not held up.
        allowances.waits[.renames] = 0
        ann.say(#"{"type":"nick","id":"3","name":"annabel"}"#)
        #expect(ann.take().contains { $0.type == "ack" && $0.re == "3" })
    }

    @Test func uploadsAreAskedForInKiB() throws {
        let node = try cluster.node("n2", settings: .init(limits: Limits(attachmentBytes: 10_000)))
        node.loops[0].allowances = allowances
        let ann = node.connect()
        try ann.hello("ann")
        ann.say(#"{"type":"join","id":"j","room":"lobby"}"#)
        _ = ann.take()
        let header = #"{"type":"attach","id":"a","room":"lobby","name":"a","mediaType":"x/y"}"#
        var frame = ByteBuffer()
        frame.writeInteger(UInt32(header.utf8.count))
        frame.writeString(header)
        frame.writeRepeatingByte(65, count: 1_025)
        ann.session.receive(binary: frame)
        cluster.run()
        #expect(allowances.spent == ["ann uploads 2!"] && ann.take().contains { $0.type == "ack" })
        allowances.waits[.uploads] = 3_000
        ann.session.receive(binary: frame)
        cluster.run()
        let error = try ann.takeOne()
        #expect(error.code == "rate_limited" && error["retryAfter"]?.integer == 3_000 && error.re == "a")
        // What was refused holds nothing up.
        ann.say(#"{"type":"ping"}"#)
        #expect(try ann.takeOne().type == "pong")
    }
}
