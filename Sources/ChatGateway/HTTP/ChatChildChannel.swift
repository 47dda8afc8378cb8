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
    let certificate: ServerCertificate?
    let idleTimeout: TimeAmount

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            if let certificate = self.certificate {
                try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificate.context))
            }
            let upgrade = NIOTypedHTTPServerUpgradeConfiguration<Connection>(
                upgraders: [WebSocketUpgrader(result: Connection.webSocket, acceptor: self.acceptor)],
                notUpgradingCompletionHandler: { channel in
                    channel.eventLoop.makeCompletedFuture {
                        .http(try self.addHTTPHandlers(to: channel, logger: logger))
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
            try self.addFilter(to: channel.pipeline.syncOperations)
            // A connection that does not send a whole request head is not kept.
            let timeout = channel.eventLoop.scheduleTask(in: .seconds(10)) { channel.close(promise: nil) }
            connection.whenComplete { _ in timeout.cancel() }
            return .pending(connection, channel: channel)
        }
    }

    private func addFilter(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        let upgrade = try pipeline.handler(type: NIOTypedHTTPServerUpgradeHandler<Connection>.self)
        try pipeline.addHandler(UpgradeFilter(self.acceptor), position: .before(upgrade))
    }

    private func addHTTPHandlers(
        to channel: any Channel, logger: Logger
    ) throws -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart> {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: self.certificate != nil))
        try pipeline.addHandler(
            HTTPConnectionStateHandler(idleTimeout: .nanoseconds(self.idleTimeout.nanoseconds), logger: logger)
        )
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
