import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A web server that publishes keys, well or badly.
final class KeyServer: Sendable {
    enum Answer: Sendable {
        case keys(String)
        case status(HTTPResponseStatus)
        case redirect(String)
        /// A head, and then a byte now and then.
        case trickle
        /// Nothing at all.
        case silence
    }

    private let state: Mutex<(answer: Answer, requests: Int)>
    private let channel: Mutex<(any Channel)?> = Mutex(nil)

    init(_ answer: Answer) {
        state = Mutex((answer, 0))
    }

    func start() async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(KeyHandler(server: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.channel.withLock { $0 = channel }
    }

    func stop() async {
        try? await channel.withLock { $0 }?.close()
    }

    var url: String { "http://127.0.0.1:\(channel.withLock { $0 }?.localAddress?.port ?? 0)/keys.json" }

    var requests: Int { state.withLock { $0.requests } }

    func answer(_ answer: Answer) { state.withLock { $0.answer = answer } }

    fileprivate func next() -> Answer {
        state.withLock { state in
            state.requests += 1
            return state.answer
        }
    }
}

private final class KeyHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let server: KeyServer

    init(server: KeyServer) {
        self.server = server
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head = self.unwrapInboundIn(data) else { return }
        switch server.next() {
        case .keys(let text): respond(context, .ok, text)
        case .status(let status): respond(context, status, "")
        case .redirect(let location): respond(context, .found, "", ["Location": location])
        case .silence: return
        case .trickle:
            write(
                context, .head(HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "100000"])))
            trickle(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func trickle(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        write(context, .body(.byteBuffer(ByteBuffer(string: " "))))
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(300)) {
            let (handler, context) = bound.value
            handler.trickle(context)
        }
    }

    private func respond(
        _ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ text: String, _ headers: HTTPHeaders = [:]
    ) {
        var headers = headers
        headers.add(name: "Content-Length", value: "\(text.utf8.count)")
        write(context, .head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
        write(context, .body(.byteBuffer(ByteBuffer(string: text))))
        write(context, .end(nil))
    }

    private func write(_ context: ChannelHandlerContext, _ part: HTTPServerResponsePart) {
        context.writeAndFlush(self.wrapOutboundOut(part), promise: nil)
    }
}

/// A server for as long as a test needs it.
func withKeyServer<Value>(
    _ answer: KeyServer.Answer, _ body: (KeyServer) async throws -> Value
) async throws -> Value {
    let server = KeyServer(answer)
    try await server.start()
    do {
        let value = try await body(server)
        await server.stop()
        return value
    } catch {
        await server.stop()
        throw error
    }
}
