import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import ChatGateway

@Suite struct AcceptPacerTests {
    /// Counts the readings that come through, as a listening socket would begin to accept.
    private final class Socket: ChannelOutboundHandler {
        typealias OutboundIn = Never
        var readings = 0

        func read(context: ChannelHandlerContext) { self.readings += 1 }
    }

    private static let unhurried = 2 * AcceptPacer.unhurriedPerLoop

    private let socket = Socket()
    private let handshakes = OpenHandshakes()
    private let loop = EmbeddedEventLoop()
    private let channel: EmbeddedChannel

    init() throws {
        let pacer = AcceptPacer(self.handshakes, loops: 2, logger: Logger(label: "test"))
        self.channel = EmbeddedChannel(loop: self.loop)
        try self.channel.pipeline.syncOperations.addHandlers(self.socket, pacer)
        self.socket.readings = 0
    }

    @Test func takesConnectionsAtOnceWhileFewSayNothing() {
        for _ in 0..<Self.unhurried { handshakes.began() }
        for _ in 0..<5 { channel.read() }
        #expect(socket.readings == 5)
    }

    @Test func takesConnectionsSlowlyWhileManySayNothing() {
        for _ in 0...Self.unhurried { handshakes.began() }
        // However often it is asked meanwhile.
        for _ in 0..<5 { channel.read() }
        #expect(socket.readings == 0)
        loop.advanceTime(by: AcceptPacer.pause)
        #expect(socket.readings == 1)
        channel.read()
        loop.advanceTime(by: AcceptPacer.pause - .nanoseconds(1))
        #expect(socket.readings == 1)
        handshakes.ended()
        loop.advanceTime(by: .nanoseconds(1))
        #expect(socket.readings == 2)
        channel.read()
        #expect(socket.readings == 3)
    }

    @Test func nothingIsReadOnceItIsOver() throws {
        for _ in 0...Self.unhurried { handshakes.began() }
        channel.read()
        _ = try channel.finish()
        loop.advanceTime(by: AcceptPacer.pause)
        #expect(socket.readings == 0)
    }
}
