import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One HTTP GET whose body does not matter.
enum HealthRequest {
    private static func tls(_ target: HealthTarget) throws -> NIOSSLClientHandler? {
        guard target.scheme == "https" else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        if !target.checksCertificate { configuration.certificateVerification = .none }
        // TLS names hosts, never addresses (RFC 6066, section 3).
        let isAddress = (try? SocketAddress(ipAddress: target.host, port: target.port)) != nil
        return try NIOSSLClientHandler(
            context: NIOSSLContext(configuration: configuration), serverHostname: isAddress ? nil : target.host)
    }

    /// The status code of the answer.
    ///
    /// - Throws: ``UserFacingError`` when nothing answers in time.
    static func status(of target: HealthTarget, within limit: Duration) async throws -> Int {
        let timeLimit = TimeAmount(limit)
        do {
            let status = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(timeLimit)
                .connect(host: target.host, port: target.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let tls = try Self.tls(target) { try channel.pipeline.syncOperations.addHandler(tls) }
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        let handler = StatusHandler(target: target, limit: timeLimit, eventLoop: channel.eventLoop)
                        try channel.pipeline.syncOperations.addHandler(handler)
                        return handler.status.futureResult
                    }
                }
            return try await status.get()
        } catch {
            let reason = error is StatusHandler.NoAnswer ? "gives no answer" : "cannot be reached"
            throw UserFacingError("\(target.url) \(reason): is the node running there? Name it with --url")
        }
    }
}

/// Sends the request when connected and keeps the status of the response.
private final class StatusHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    struct NoAnswer: Error {}

    let status: EventLoopPromise<Int>
    private let target: HealthTarget
    private let limit: TimeAmount
    private var timeout: Scheduled<Void>?

    init(target: HealthTarget, limit: TimeAmount, eventLoop: any EventLoop) {
        self.target = target
        self.limit = limit
        self.status = eventLoop.makePromise()
    }

    func channelActive(context: ChannelHandlerContext) {
        let loopBound = context.loopBound
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: limit) {
            self.finish(.failure(NoAnswer()), context: loopBound.value)
        }
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target.path)
        head.headers.add(name: "host", value: target.authority)
        head.headers.add(name: "connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        finish(.success(Int(head.status.code)), context: context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(.failure(NoAnswer()), context: context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(.failure(NoAnswer()), context: context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // A connection that never became active must not leave the asker waiting.
        finish(.failure(NoAnswer()), context: context)
    }

    private func finish(_ result: Result<Int, any Error>, context: ChannelHandlerContext) {
        timeout?.cancel()
        timeout = nil
        status.completeWith(result)
        context.close(promise: nil)
    }
}
