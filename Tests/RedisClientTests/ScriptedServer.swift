import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A peer that says what a test wants it to say, where the real Redis cannot be made to.
struct ScriptedServer {
    let url: String
    private let channel: any Channel

    /// - Parameter answers: for each connection, in turn, what to answer to the first bytes it sends; later connections
    ///   get the last one. After an empty answer the peer closes.
    static func start(_ answers: [String]) async throws -> ScriptedServer {
        let accepted = Counter()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                let answer = answers[min(accepted.next(), answers.count - 1)]
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ScriptedAnswer(answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(channel.localAddress?.port)
        return ScriptedServer(url: "redis://127.0.0.1:\(port)", channel: channel)
    }

    func stop() async throws { try await channel.close() }
}

private final class ScriptedAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var answer: String?

    init(answer: String) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let answer else { return }
        self.answer = nil
        if answer.isEmpty {
            context.close(promise: nil)
        } else {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        }
    }
}

/// Counts from 0, from any thread.
private final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            defer { value += 1 }
            return value
        }
    }
}
