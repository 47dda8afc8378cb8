import ChatCore
import ChatProtocol
import NIOCore
import TestSupport
import Testing

@testable import ChatGateway

@Suite struct SocketTableTests {
    private let configuration = OutboundConfiguration(byteLimit: 64 << 20, closeTimeout: .seconds(20))

    @Test func aSlotIsGivenAgainOnceItIsFree() throws {
        let table = SocketTable()
        let (first, second) = (table.add(), table.add())
        #expect(first != second && first != .none && second != .none)
        table.remove(first)
        let again = table.add()
        #expect(again.index == first.index && again != first)
        table.remove(.none)
        #expect(table.add() != .none)
    }

    /// An output without a slot, one whose queue holds something, and one that is clear: all get it.
    @Test func whoIsNotClearIsAsked() async throws {
        let fixture = try await QueueFixture(configuration)
        let asked = try await fixture.turn { queue in
            let other = RecordingOutput()
            var frame = ByteBuffer()
            WebSocketFraming.writeTextFrame(ByteBuffer(string: "news"), into: &frame)
            queue.write("reply")
            let busy = queue.sockets.add()
            queue.sockets.deliver(frame, to: [.none, queue.queue.slot, busy]) { [other, queue.queue, other] }
            return other.delivered
        }
        #expect(asked == 2)
        try await fixture.turn { $0.deliver("more") }
        try await fixture.turn { $0.queue.close(.normal, reason: "") }
        let (frames, _) = try await fixture.readToEnd()
        #expect(frames.dropLast() == [.text("reply"), .text("news"), .text("more")])
        try await fixture.end()
    }

    /// Whoever keeps the slot of a connection that has ended reaches neither its descriptor nor the next connection there.
    @Test func aSlotKeptTooLongReachesNobodyElse() async throws {
        let fixture = try await QueueFixture(configuration)
        let stranger = try await QueueFixture(configuration)
        let kept = try await fixture.turn { queue in
            queue.deliver("first")
            return queue.queue.slot
        }
        try await fixture.turn { $0.queue.close(.normal, reason: "") }
        try await fixture.turn { $0.deliver("after our close") }
        let (frames, rest) = try await fixture.readToEnd()
        #expect(frames.count == 2 && frames.first == .text("first") && frames.last?.closeCode == 1000 && rest == 0)
        try await fixture.end()
        try await eventually("the session ends") { try await fixture.turn { $0.ends > 0 } }

        let channel = stranger.channel
        let socket = try await channel.eventLoop.submit { DirectSocket(channel) }.get()
        let next = try await fixture.turn { queue -> OutputSlot in
            let next = queue.sockets.add()
            if let socket { queue.sockets.setClear(next, socket) }
            queue.deliver("for who has ended", slot: kept)
            queue.sockets.setBusy(kept)
            queue.sockets.remove(kept)
            queue.deliver("for the stranger", slot: next)
            return next
        }
        #expect(next.index == kept.index && next != kept && socket != nil)
        try await stranger.turn { $0.queue.close(.normal, reason: "") }
        let (received, _) = try await stranger.readToEnd()
        #expect(received.dropLast() == [.text("for the stranger")])
        try await stranger.end()
    }
}

private final class RecordingOutput: SessionOutput {
    private(set) var delivered = 0

    func deliver(_ frames: ByteBuffer) { delivered += 1 }
    func write(_ frames: ByteBuffer, ephemeral: Bool) {}
    func flush() {}
    func close(_ code: CloseCode, reason: String) {}
    func ping() {}
}
