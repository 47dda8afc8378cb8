internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Opens connections to one endpoint. Confined to its event loop.
struct Connector {
    private let endpoint: RedisEndpoint
    private let eventLoop: any EventLoop
    private let configuration: RedisLinkConfiguration
    /// Made at the first connection: it reads the system's certificates, and may fail.
    private var tlsContext: NIOSSLContext?

    init(endpoint: RedisEndpoint, eventLoop: any EventLoop, configuration: RedisLinkConfiguration) {
        self.endpoint = endpoint
        self.eventLoop = eventLoop
        self.configuration = configuration
    }

    /// Connects, with a ``ReplyHandler`` at the end of the pipeline that reports to `receiver`. TLS may still be
    /// negotiating when the future completes; what is written meanwhile waits for it.
    mutating func connect(attempt: Int, receiver: any ReplyReceiver) -> EventLoopFuture<any Channel> {
        do {
            let tlsContext = try makeTLSContext()
            let limits = ReplyLimits(bytes: configuration.maxReplyBytes, elements: configuration.maxReplyElements)
            let serverName = endpoint.serverName
            let boundReceiver = NIOLoopBound(receiver, eventLoop: eventLoop)
            let bootstrap = ClientBootstrap(group: eventLoop)
                .connectTimeout(configuration.connectTimeout)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        if let tlsContext {
                            try pipeline.addHandler(
                                NIOSSLClientHandler(context: tlsContext, serverHostname: serverName)
                            )
                        }
                        guard let reader = ReplyReader(limits: limits) else { throw ChannelError.operationUnsupported }
                        try pipeline.addHandler(
                            ReplyHandler(reader: reader, attempt: attempt, receiver: boundReceiver.value)
                        )
                    }
                }
            switch endpoint.address {
            case .tcp(let host, let port):
                return
                    bootstrap
                    .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .channelOption(.socketOption(.so_keepalive), value: 1)
                    .connect(host: host, port: port)
            case .unixSocket(let path):
                return bootstrap.connect(unixDomainSocketPath: path)
            }
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
    }

    private mutating func makeTLSContext() throws -> NIOSSLContext? {
        guard endpoint.usesTLS else { return nil }
        if let tlsContext { return tlsContext }
        let context = try NIOSSLContext(configuration: configuration.tls ?? .makeClientConfiguration())
        tlsContext = context
        return context
    }
}

extension RedisEndpoint {
    /// The name to ask for in TLS; an IP address is none, its certificate is checked against the peer's address.
    fileprivate var serverName: String? {
        guard case .tcp(let host, _) = address, (try? SocketAddress(ipAddress: host, port: 0)) == nil else {
            return nil
        }
        return host
    }
}
