import ChatCore
import NIOCore
import NIOPosix

@testable import ChatGateway

/// An outbound queue on a real TCP connection over loopback, with the handlers of a WebSocket connection around it.
struct QueueFixture: Sendable {
    let peer: RawSocket
    let channel: any Channel
    private let queue: NIOLoopBound<RecordedQueue>
    private let listener: any Channel

    /// - Parameter sendBuffer: bytes the kernel may keep for the server, roughly.
    init(_ configuration: OutboundConfiguration, sendBuffer: CInt = 16_384) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let accepted = group.next().makePromise(of: (any Channel).self)
        listener = try await ServerBootstrap(group: group)
            .childChannelOption(.socketOption(.so_sndbuf), value: .init(sendBuffer))
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 16 * 1_024, high: 64 * 1_024))
            .childChannelInitializer { channel in
                accepted.succeed(channel)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        peer = try RawSocket(port: listener.localAddress?.port ?? 0)
        let channel = try await accepted.futureResult.get()
        self.channel = channel
        queue = try await channel.eventLoop.submit {
            NIOLoopBound(try RecordedQueue(channel, configuration), eventLoop: channel.eventLoop)
        }.get()
    }

    /// Runs `body` on the loop, and flushes at the end of the turn as a session loop does.
    func turn<Result: Sendable>(_ body: @escaping @Sendable (RecordedQueue) -> Result) async throws -> Result {
        try await channel.eventLoop.submit { [queue] in
            defer { queue.value.flushList.flush() }
            return body(queue.value)
        }.get()
    }

    /// Everything the peer gets until the connection ends.
    func readToEnd(chunk: Int = 65_536) async throws -> (frames: [PeerFrame], rest: Int) {
        let peer = peer
        return try await RawSocket.threads.runIfActive { try peer.readToEnd(chunk: chunk) }
    }

    func end() async throws {
        try? await channel.close().get()
        try await listener.close().get()
    }
}

/// A queue and what it did to the session.
final class RecordedQueue: WebSocketReceiver {
    let flushList = FlushList()
    let sockets = SocketTable()
    let queue: OutboundQueue
    var overflows = 0
    var ends = 0
    var texts = 0
    var reads = 0

    init(_ channel: any Channel, _ configuration: OutboundConfiguration) throws {
        queue = OutboundQueue(channel: channel, flushList: flushList, configuration: configuration, sockets: sockets)
        try WebSocketHandshake.addHandlers(to: channel, outbound: queue, receiver: self, messageLimit: 1_000)
        queue.onOverflow = { [unowned self] in overflows += 1 }
    }

    func write(_ text: String, ephemeral: Bool = false) {
        var frame = ByteBuffer()
        WebSocketFraming.writeTextFrame(ByteBuffer(string: text), into: &frame)
        queue.write(frame, ephemeral: ephemeral)
    }

    /// As a room does.
    func deliver(_ text: String, slot: OutputSlot? = nil) {
        var frame = ByteBuffer()
        WebSocketFraming.writeTextFrame(ByteBuffer(string: text), into: &frame)
        sockets.deliver(frame, to: [slot ?? queue.slot]) { [queue] }
    }

    func begin() {}
    func receive(text: ByteBuffer) { texts += 1 }
    func receive(binary: ByteBuffer) {}
    func receivePong() {}
    func receivedAll() { reads += 1 }
    func end() { ends += 1 }
}
