import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOSSL

/// One connection of the node's one port: HTTP for the routes, or a WebSocket after its first request.
struct ChatChildChannel: HTTPChannelHandler {
    enum Value: ServerChildChannelValue {
        case pending(EventLoopFuture<Connection>, channel: any Channel)

        var channel: any Channel {
            switch self {
            case .pending(_, let channel): channel
            }
        }
    }

    enum Connection: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case webSocket
    }

    let responder: HTTPChannelHandler.Responder
    let acceptor: any WebSocketAcceptor
    let door: FrontDoor
    let certificate: ServerCertificate?
    let idleTimeout: TimeAmount
    let handshakes: OpenHandshakes

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let origin = try self.addOrigin(to: channel)
            if let certificate = self.certificate {
                try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificate.context))
            }
            let upgrade = NIOTypedHTTPServerUpgradeConfiguration<Connection>(
                upgraders: [WebSocketUpgrader(result: Connection.webSocket, acceptor: self.acceptor, origin: origin)],
                notUpgradingCompletionHandler: { channel in
                    channel.eventLoop.makeCompletedFuture {
                        .http(try self.addHTTPHandlers(to: channel, origin: origin.value, logger: logger))
                    }
                }
            )
            var configuration = NIOUpgradableHTTPServerPipelineConfiguration(upgradeConfiguration: upgrade)
            // NIOAsyncChannel takes one request after the other; Hummingbird checks headers.
            configuration.enablePipelining = false
            configuration.enableResponseHeaderValidation = false
            configuration.decoderConfiguration.maxHeaderFieldSize = 8 * 1024
            configuration.decoderConfiguration.maxHeaderListSize = 16 * 1024
            configuration.decoderConfiguration.maxHeaderFieldCount = 100
            let connection = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                configuration: configuration
            )
            try self.addFilter(to: channel.pipeline.syncOperations, origin: origin.value)
            // A connection that does not send a whole request head is not kept.
            let timeout = channel.eventLoop.scheduleTask(in: .seconds(10)) { channel.close(promise: nil) }
            let handshakes = self.handshakes
            handshakes.began()
            connection.whenComplete { _ in
                timeout.cancel()
                handshakes.ended()
            }
            return .pending(connection, channel: channel)
        }
    }

    /// Notes whom the connection is from, and takes it no further when that one has too many.
    private func addOrigin(to channel: any Channel) throws -> NIOLoopBound<ConnectionOrigin> {
        let origin = ConnectionOrigin(channel, door: self.door)
        let isWelcome: Bool
        if self.door.configuration.expectsProxyHeader {
            isWelcome = origin.peer.map(self.door.isTrusted) ?? true
            try channel.pipeline.syncOperations.addHandler(ProxyHeaderHandler(origin))
        } else {
            isWelcome = origin.admitPeer(channel)
        }
        // Not before it is registered, which it is in the next turn of its loop.
        if !isWelcome { channel.eventLoop.execute { channel.close(promise: nil) } }
        return NIOLoopBound(origin, eventLoop: channel.eventLoop)
    }

    private func addFilter(
        to pipeline: ChannelPipeline.SynchronousOperations, origin: ConnectionOrigin
    ) throws {
        let upgrade = try pipeline.handler(type: NIOTypedHTTPServerUpgradeHandler<Connection>.self)
        try pipeline.addHandler(UpgradeFilter(self.acceptor, origin: origin), position: .before(upgrade))
    }

    private func addHTTPHandlers(
        to channel: any Channel, origin: ConnectionOrigin, logger: Logger
    ) throws -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart> {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: self.certificate != nil))
        try pipeline.addHandler(
            HTTPConnectionStateHandler(idleTimeout: .nanoseconds(self.idleTimeout.nanoseconds), logger: logger)
        )
        try pipeline.addHandler(origin)
        return try NIOAsyncChannel(
            wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true)
        )
    }

    func handle(value: Value, logger: Logger) async {
        guard case .pending(let connection, let channel) = value else { return }
        do {
            switch try await connection.get() {
            case .http(let asyncChannel): await self.handleHTTP(asyncChannel: asyncChannel, logger: logger)
            // A session lives on its event loop; no task waits for it.
            case .webSocket: return
            }
        } catch {
            logger.debug("a connection ended before its first request", metadata: ["error": "\(error)"])
            channel.close(promise: nil)
        }
    }
}
