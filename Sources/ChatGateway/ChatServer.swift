public import ChatCore
import Hummingbird
import HummingbirdCore
public import Logging
public import NIOCore
import NIOPosix
public import ServiceLifecycle

/// The node's port as a service: HTTP routes, the web page, WebSockets.
public struct ChatServer: Sendable {
    private var configuration: GatewayConfiguration
    private let loops: SessionLoops
    private let hub: HubHandle
    private let monitor: NodeMonitor
    private let gate: ConnectionGate
    private let attachments: SessionAttachments?
    private let auth: AuthService?
    private let operators: OperatorAPI?
    private let logger: Logger

    public init(
        configuration: GatewayConfiguration,
        loops: SessionLoops,
        hub: HubHandle,
        monitor: NodeMonitor,
        gate: ConnectionGate,
        attachments: SessionAttachments?,
        auth: AuthService?,
        operators: OperatorAPI? = nil,
        logger: Logger
    ) {
        self.configuration = configuration
        // What is sent beside NIO would go beside TLS, too.
        if configuration.certificate != nil { self.configuration.outbound.sendsDirectly = false }
        self.loops = loops
        self.hub = hub
        self.monitor = monitor
        self.gate = gate
        self.attachments = attachments
        self.auth = auth
        self.operators = operators
        self.logger = logger
    }

    /// - Parameter onRunning: called with the address once connections are taken.
    public func service(
        on group: any EventLoopGroup, onRunning: @escaping @Sendable (SocketAddress?) async -> Void
    ) -> any Service {
        let door = FrontDoor(self.configuration.frontDoor)
        let acceptor = ChatAcceptor(
            loops: self.loops,
            memories: LoopMemories(for: group),
            configuration: self.configuration,
            gate: self.gate,
            door: door
        )
        let desk = StreamDesk(hub: self.hub, loops: self.loops, configuration: self.configuration)
        desk.open()
        let routes = Routes(
            monitor: self.monitor,
            gate: self.gate,
            stream: StreamRoutes(
                desk: desk, gate: self.gate, door: door, frameLimit: self.configuration.messageLimit,
                binaryLimit: self.configuration.binaryLimit),
            webRoot: self.configuration.webRoot,
            isSecure: self.configuration.certificate != nil,
            attachments: self.attachments,
            auth: self.auth,
            operators: self.operators,
            door: door,
            logger: self.logger
        )
        return Self.application(routes.router(), acceptor, door, self.configuration, group, self.logger, onRunning)
    }

    /// A server that sends every WebSocket message back, on the same handlers, for conformance suites.
    public static func echo(
        configuration: GatewayConfiguration,
        compression: FrameEncoder.Compression = .init(),
        on group: any EventLoopGroup,
        logger: Logger,
        onRunning: @escaping @Sendable (SocketAddress?) async -> Void
    ) -> any Service {
        let acceptor = EchoAcceptor(configuration: configuration, compression: compression)
        let router = Router(context: ChatRequestContext.self)
        return Self.application(
            router, acceptor, FrontDoor(configuration.frontDoor), configuration, group, logger, onRunning)
    }

    private static func application(
        _ router: Router<ChatRequestContext>,
        _ acceptor: any WebSocketAcceptor,
        _ door: FrontDoor,
        _ configuration: GatewayConfiguration,
        _ group: any EventLoopGroup,
        _ logger: Logger,
        _ onRunning: @escaping @Sendable (SocketAddress?) async -> Void
    ) -> any Service {
        let handshakes = OpenHandshakes()
        return Application(
            router: router,
            server: HTTPServerBuilder { responder in
                ChatChildChannel(
                    responder: responder,
                    acceptor: acceptor,
                    door: door,
                    certificate: configuration.certificate,
                    idleTimeout: configuration.idleTimeout,
                    handshakes: handshakes
                )
            },
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: "martlet", backlog: 4_096
            ),
            onServerRunning: { channel in
                let loops = Array(group.makeIterator()).count
                try? await channel.eventLoop.submit {
                    let pacer = AcceptPacer(handshakes, loops: loops, logger: logger)
                    try channel.pipeline.syncOperations.addHandler(pacer, position: .first)
                }.get()
                await onRunning(channel.localAddress)
            },
            eventLoopGroupProvider: .shared(group),
            logger: logger
        )
    }
}
