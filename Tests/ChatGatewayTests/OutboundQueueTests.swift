import ChatProtocol
import NIOCore
import NIOEmbedded
import NIOPosix
import TestSupport
import Testing

@testable import ChatGateway

@Suite struct OutboundQueueTests {
    private static func text(_ number: Int, bytes: Int) -> String {
        "\(number) " + String(repeating: "x", count: bytes)
    }

    private func configuration(_ sendsDirectly: Bool, limit: Int = 64 << 20) -> OutboundConfiguration {
        // What the tests are about is not how fast a busy machine moves bytes.
        OutboundConfiguration(byteLimit: limit, sendsDirectly: sendsDirectly, closeTimeout: .seconds(20))
    }

    // MARK: Order

    @Test(arguments: [true, false])
    func orderIsKeptOverPartialWrites(sendsDirectly: Bool) async throws {
        let fixture = try await QueueFixture(configuration(sendsDirectly))
        async let received = fixture.readToEnd(chunk: 3_000)
        var random = SeededGenerator(seed: 7)
        var expected: [PeerFrame] = []
        for turn in 0..<150 {
            let texts = (0..<Int.random(in: 1...6, using: &random)).map { index in
                let size = random.oneIn(20) ? 90_000 : Int.random(in: 0...2_000, using: &random)
                return Self.text(turn * 10 + index, bytes: size) + (random.oneIn(3) ? "." : "x")
            }
            let pings = random.oneIn(5)
            try await fixture.turn { queue in
                // What comes from a room goes at once where nothing waits, and in its turn where something does.
                for text in texts { text.hasSuffix("x") ? queue.deliver(text) : queue.write(text) }
                if pings { queue.queue.pong(ByteBuffer(string: "pong \(turn)")) }
            }
            expected += texts.map { .text($0) } + (pings ? [.pong("pong \(turn)")] : [])
            if random.oneIn(10) { try await Task.sleep(for: .milliseconds(1)) }
        }
        try await fixture.turn { $0.queue.close(.goingAway, reason: "done") }
        let (frames, rest) = try await received
        #expect(rest == 0)
        #expect(frames.last?.closeCode == 1001)
        let isInOrder = frames.dropLast() == expected[...]
        #expect(isInOrder, "\(frames.count) frames instead of \(expected.count + 1)")
        try await fixture.end()
    }

    @Test func theReceiverHearsWhenAllOfAReadIsTaken() throws {
        let channel = EmbeddedChannel()
        let queue = try RecordedQueue(channel, configuration(false))
        // "Hello" of RFC 6455, section 5.7, twice.
        let hello: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        try channel.writeInbound(ByteBuffer(bytes: hello + hello))
        #expect(queue.texts == 2 && queue.reads == 1)
    }

    @Test(arguments: [true, false])
    func controlFramesKeepTheirPlace(sendsDirectly: Bool) async throws {
        let fixture = try await QueueFixture(configuration(sendsDirectly))
        try await fixture.turn { queue in
            queue.write("a")
            queue.queue.pong(ByteBuffer(string: "p"))
            queue.write("b")
            queue.queue.ping()
            queue.write("c")
            queue.queue.close(.normal, reason: "bye")
            queue.write("d")
            queue.queue.ping()
            queue.queue.close(.tooFast, reason: "again")
        }
        let (frames, rest) = try await fixture.readToEnd()
        #expect(rest == 0)
        #expect(frames.map(\.opcode) == [1, 10, 1, 9, 1, 8])
        #expect(frames[1] == .pong("p"))
        #expect(frames.last?.closeCode == 1000)
        try await fixture.end()
    }

    // MARK: Bounds

    @Test(arguments: [true, false])
    func aPeerThatDoesNotReadIsClosedOnce(sendsDirectly: Bool) async throws {
        let fixture = try await QueueFixture(configuration(sendsDirectly, limit: 200_000))
        var written = 0
        while try await fixture.turn({ $0.queue.isOpen }) {
            let first = written
            try await fixture.turn { queue in
                for number in first..<first + 10 { queue.write(Self.text(number, bytes: 5_000)) }
            }
            written += 10
            try #require(written < 100_000)
        }
        try await fixture.turn { $0.write("late") }
        let overflows = try await fixture.turn { $0.overflows }
        #expect(overflows == 1)
        let (frames, rest) = try await fixture.readToEnd()
        #expect(rest == 0)
        #expect(frames.last?.closeCode == 4410)
        let texts = frames.dropLast()
        #expect(texts.count < written)
        let isInOrder = Array(texts) == (0..<texts.count).map { .text(Self.text($0, bytes: 5_000)) }
        #expect(isInOrder)
        try await fixture.end()
    }

    @Test(arguments: [true, false])
    func ephemeralFramesAreDroppedWhileCongested(sendsDirectly: Bool) async throws {
        let fixture = try await QueueFixture(configuration(sendsDirectly))
        try await fixture.turn { $0.write("hello", ephemeral: true) }
        try await fixture.turn { $0.write(Self.text(0, bytes: 2_000_000)) }
        try await fixture.turn { queue in
            queue.write("typing", ephemeral: true)
            queue.write("message")
        }
        try await fixture.turn { $0.queue.close(.normal, reason: "") }
        let (frames, _) = try await fixture.readToEnd()
        #expect(frames.map(\.payload.readableBytes) == [5, 2_000_002, 7, 2])
        try await fixture.end()
    }

    @Test(arguments: [true, false])
    func anEphemeralFrameThatDoesNotFitIsDropped(sendsDirectly: Bool) async throws {
        let fixture = try await QueueFixture(configuration(sendsDirectly, limit: 1_000))
        try await fixture.turn { queue in
            queue.write(Self.text(0, bytes: 900))
            queue.write(Self.text(1, bytes: 200), ephemeral: true)
            queue.write("end")
        }
        let overflows = try await fixture.turn { $0.overflows }
        #expect(overflows == 0)
        try await fixture.turn { $0.queue.close(.normal, reason: "") }
        let (frames, _) = try await fixture.readToEnd()
        #expect(frames.map(\.payload.readableBytes) == [902, 3, 2])
        try await fixture.end()
    }

    // MARK: The end

    /// The peer says close while much is on its way: it gets all of it, then the answer, then the end.
    @Test(arguments: [true, false])
    func whatIsQueuedLeavesBeforeTheAnswerToClose(sendsDirectly: Bool) async throws {
        let fixture = try await QueueFixture(configuration(sendsDirectly))
        try await fixture.turn { queue in
            for number in 0..<100 { queue.write(Self.text(number, bytes: 9_000)) }
        }
        try fixture.peer.send(PeerFrame.bytes(opcode: 8, [3, 0xE8]))
        try await eventually("the close is read") { try await fixture.turn { $0.ends > 0 } }
        let (frames, rest) = try await fixture.readToEnd()
        #expect(rest == 0)
        #expect(frames.count == 101)
        #expect(frames.last?.closeCode == 1000)
        try await fixture.end()
    }

    @Test(arguments: [true, false])
    func aPeerThatDoesNotAnswerCloseIsCutOff(sendsDirectly: Bool) async throws {
        var configuration = configuration(sendsDirectly)
        configuration.closeTimeout = .milliseconds(50)
        let fixture = try await QueueFixture(configuration)
        try await fixture.turn { $0.write(Self.text(0, bytes: 2_000_000)) }
        try await fixture.turn { $0.queue.close(.goingAway, reason: "") }
        try await fixture.channel.closeFuture.get()
        let ends = try await fixture.turn { $0.ends }
        #expect(ends == 1)
        try await fixture.turn { $0.write("late") }
        try await fixture.end()
    }

    @Test(arguments: [true, false])
    func aPeerThatVanishesEndsTheSession(sendsDirectly: Bool) async throws {
        var fixture: QueueFixture? = try await QueueFixture(configuration(sendsDirectly))
        let channel = try #require(fixture?.channel)
        try await fixture?.turn { $0.write(Self.text(0, bytes: 2_000_000)) }
        // The peer's socket is closed with data unread: a reset.
        fixture = nil
        try await channel.closeFuture.get()
    }
}
