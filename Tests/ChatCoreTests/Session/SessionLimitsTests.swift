import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

@Suite struct SessionLimitsTests {
    private let cluster = TestCluster()

    @Test func theTenthBadFrameWithinAMinuteCloses() throws {
        let client = try cluster.node(settings: .init(limits: Limits(framesPerSecond: 0))).connect()
        try client.hello("ann")
        for _ in 0..<5 { client.say(#"{"type":"join","id":"x","room":7}"#, "{") }
        #expect(client.take().map(\.code) == Array(repeating: "bad_frame", count: 10))
        #expect(client.output.closes.map(\.code) == [.badFrames])
    }

    @Test func otherErrorsAreNotCounted() throws {
        let client = try cluster.node(settings: .init(limits: Limits(framesPerSecond: 0))).connect()
        try client.hello("ann")
        for _ in 0..<20 {
            client.say(
                #"{"type":"dance","id":"x"}"#, #"{"type":"join","room":"NO"}"#, #"{"type":"leave","room":"lobby"}"#,
                #"{"type":"nick","name":":"}"#
            )
        }
        #expect(client.take().count == 80)
        #expect(!client.isClosed)
    }

    @Test func strikesAreForgottenAfterAMinute() {
        var strikes = Strikes()
        let start = NIODeadline.now()
        let times: [Int64] = Array(repeating: 0, count: 9) + Array(repeating: 61, count: 9) + [62]
        let closes = times.map { strikes.badFrame(now: start + .seconds($0)) }
        #expect(closes == Array(repeating: false, count: 18) + [true])
    }

    @Test func framesBeyondTheBurstAreRefused() throws {
        let client = try cluster.node(settings: .init(limits: Limits(burst: 5, framesPerSecond: 1))).connect()
        try client.hello("ann")
        for number in 0..<6 { client.say(#"{"type":"ping","id":"\#(number)"}"#) }
        let frames = client.take()
        #expect(frames.map(\.type) == ["pong", "pong", "pong", "pong", "error", "error"])
        #expect(frames[5].code == "rate_limited" && frames[5].re == "5")
        #expect((1...1_000).contains(frames[5]["retryAfter"]?.integer ?? 0))
        #expect(!client.isClosed)
    }

    @Test func whoGoesOnTooFastIsClosed() throws {
        let client = try cluster.node(settings: .init(limits: Limits(burst: 1, framesPerSecond: 1))).connect()
        try client.hello("ann")
        for _ in 0..<600 where !client.isClosed { client.say(#"{"type":"ping"}"#) }
        #expect(client.output.closes.map(\.code) == [.tooFast])
    }

    @Test(arguments: [
        (#""text":"""#, "bad_frame"), (#""text":" \n\t""#, "bad_frame"), (#""text":"a\u0000b""#, "bad_frame"),
        (#""text":7"#, "bad_frame"), (#""txt":"a""#, "bad_frame"), (#""text":"a","key":"no good""#, "bad_frame"),
        (#""text":"a","key":"""#, "bad_frame"), (#""text":"a","replyTo":0"#, "bad_frame"),
        (#""text":"a","to":"bob""#, "bad_frame"), (#""text":"\#(String(repeating: "é", count: 2_049))""#, "too_large"),
    ])
    func textThatSaysNothingOrTooMuchIsRefused(fields: String, code: String) throws {
        let client = try cluster.node().connect()
        try client.hello("ann")
        client.say(#"{"type":"join","room":"lobby"}"#)
        _ = client.take()
        client.say(#"{"type":"send","id":"1","room":"lobby",\#(fields)}"#)
        let error = try client.takeOne()
        #expect(error.re == "1" && error.code == code)
    }

    @Test func silenceBeforeHelloTimesOut() throws {
        let client = try cluster.node().connect()
        client.session.tick(now: .now() + .seconds(9))
        #expect(!client.isClosed)
        client.session.tick(now: .now() + .seconds(11))
        #expect(client.output.closes.map(\.code) == [.timedOut])
        #expect(client.session.loop.sessions.isEmpty)
    }

    @Test func twoUnansweredPingsTimeOut() throws {
        let client = try cluster.node().connect()
        try client.hello("ann")
        let start = NIODeadline.now()
        client.session.tick(now: start + .seconds(20))
        #expect(client.output.pings == 0)
        client.session.tick(now: start + .seconds(26))
        client.session.tick(now: start + .seconds(52))
        client.session.receivePong()
        client.session.tick(now: start + .seconds(78))
        client.session.tick(now: start + .seconds(104))
        #expect(client.output.pings == 4 && !client.isClosed)
        client.session.tick(now: start + .seconds(130))
        #expect(client.output.closes.map(\.code) == [.timedOut])
    }

    @Test func theLoopLooksAtWhoHasSomethingToDo() throws {
        let node = try cluster.node()
        let (first, second, third, silent) = (node.connect(), node.connect(), node.connect(), node.connect())
        for (client, user) in [(first, "ann"), (second, "bob"), (third, "cy")] { try client.hello(user) }
        let (loop, start) = (node.loops[0], NIODeadline.now())
        // The last one moves to the place of the one that ends.
        first.session.end()
        loop.tick(now: start + .seconds(5))
        #expect(!silent.isClosed)
        loop.tick(now: start + .seconds(11))
        #expect(silent.output.closes.map(\.code) == [.timedOut])
        loop.tick(now: start + .seconds(24))
        #expect(second.output.pings == 0 && third.output.pings == 0)
        for seconds in Int64(26)...28 { loop.tick(now: start + .seconds(seconds)) }
        #expect(second.output.pings == 1 && third.output.pings == 1)
        second.session.receivePong()
        for seconds in Int64(32)...38 { loop.tick(now: start + .seconds(seconds)) }
        #expect(second.output.pings == 3 && third.output.closes.map(\.code) == [.timedOut])
        #expect(loop.sessions.map(\.id) == [second.session.id])
    }

    @Test func drainSpreadsTheReconnectsAndThenCloses() throws {
        let node = try cluster.node()
        let clients = try (0..<50).map { number in
            let client = node.connect()
            try client.hello("u\(number)")
            return client
        }
        node.loops[0].drain(window: .seconds(15))
        cluster.run()
        let delays = try clients.map { try #require(try $0.takeOne()["reconnectAfter"]?.integer) }
        #expect(delays.allSatisfy { (0..<10_000).contains($0) })
        #expect(Set(delays).count > 10)
        #expect(clients.allSatisfy { !$0.isClosed })
        clients[3].session.end()
        node.loops[0].closeAll()
        for (number, client) in clients.enumerated() {
            #expect(client.output.closes.map(\.code) == (number == 3 ? [] : [.goingAway]))
        }
        #expect(node.loops[0].sessions.isEmpty)
        #expect(node.loops[0].statistics.sessions == 0)
    }

    @Test func endingTwiceEndsOnce() throws {
        let node = try cluster.node()
        let (first, second) = (node.connect(), node.connect())
        try first.hello("ann")
        try second.hello("bob")
        first.session.end()
        first.session.end()
        first.session.close(.normal, reason: "")
        #expect(first.output.closes.isEmpty)
        #expect(node.loops[0].sessions.map(\.id) == [second.session.id])
    }
}
