import NIOCore
import NIOPosix

/// Asks a Redis on a unix socket one thing on a connection of its own.
///
/// Not with the Redis client: this must tell "nobody there", "somebody there who does not answer" and "still loading"
/// apart, where that one hides them behind reconnects.
enum RedisProbe {
    enum Answer: Sendable, Equatable {
        /// The first line of the reply without its end: `+PONG`, `-LOADING …`.
        case line(String)
        /// The connection was closed without an answer, as a server does that obeys SHUTDOWN.
        case closed
        /// Nobody listens.
        case refused
        /// Somebody listens, but did not answer in time.
        case silent
    }

    /// - Parameters:
    ///   - command: an inline command such as `PING`.
    ///   - limit: for connecting and answering together.
    static func ask(_ command: String, socket: String, within limit: Duration) async -> Answer {
        let timeLimit = TimeAmount(limit)
        do {
            let answer = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(timeLimit)
                .connect(unixDomainSocketPath: socket) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = FirstLine(command: command, limit: timeLimit, eventLoop: channel.eventLoop)
                        try channel.pipeline.syncOperations.addHandler(handler)
                        return handler.answer.futureResult
                    }
                }
            return try await answer.get()
        } catch {
            // A full backlog is a server that does not accept: it is there.
            return (error as? IOError)?.errnoCode == EAGAIN || error is ChannelError ? .silent : .refused
        }
    }
}

#if canImport(Darwin)
    import let Darwin.EAGAIN
#elseif canImport(Musl)
    import let Musl.EAGAIN
#else
    import let Glibc.EAGAIN
#endif

/// Sends the command, keeps the first line of what comes back, and closes.
private final class FirstLine: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Error replies of Redis are far shorter.
    private static let lineLimit = 1024

    let answer: EventLoopPromise<RedisProbe.Answer>
    private let command: String
    private let limit: TimeAmount
    private var received = ByteBuffer()
    private var timeout: Scheduled<Void>?

    init(command: String, limit: TimeAmount, eventLoop: any EventLoop) {
        self.command = command
        self.limit = limit
        self.answer = eventLoop.makePromise()
    }

    func channelActive(context: ChannelHandlerContext) {
        let loopBound = context.loopBound
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: limit) {
            self.finish(.silent, context: loopBound.value)
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: command + "\r\n")), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        received.writeBuffer(&buffer)
        let bytes = received.readableBytesView
        if let end = bytes.firstIndex(where: { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }) {
            finish(.line(String(decoding: bytes[..<end], as: UTF8.self)), context: context)
        } else if bytes.count > Self.lineLimit {
            finish(.silent, context: context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.closed, context: context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(.closed, context: context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // A connection that never became active must not leave the asker waiting.
        finish(.refused, context: context)
    }

    private func finish(_ result: RedisProbe.Answer, context: ChannelHandlerContext) {
        timeout?.cancel()
        timeout = nil
        answer.succeed(result)
        context.close(promise: nil)
    }
}
