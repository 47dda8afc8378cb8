public import NIOCore

/// How the node's port behaves.
public struct GatewayConfiguration: Sendable {
    public var host: String
    /// 0: one that the system chooses.
    public var port: Int
    /// Bytes of one WebSocket message from a client.
    public var messageLimit: Int
    /// Bytes of one binary message of protocol version 1, if more: it carries a file.
    public var binaryLimit: Int
    public var outbound: OutboundConfiguration
    public var frontDoor: FrontDoorConfiguration
    /// What the port speaks TLS with; `nil`: it speaks none.
    public var certificate: ServerCertificate?
    /// Whether clients that offer compression (RFC 7692) get it.
    public var compresses: Bool
    /// How long a connection may take for its request, and stay idle between two.
    public var idleTimeout: TimeAmount
    /// The folder with the web page; `nil`: none is served.
    public var webRoot: String?

    public init(
        host: String = "127.0.0.1",
        port: Int = 8080,
        messageLimit: Int = 65_536,
        binaryLimit: Int = 0,
        outbound: OutboundConfiguration = .init(),
        frontDoor: FrontDoorConfiguration = .init(),
        certificate: ServerCertificate? = nil,
        compresses: Bool = false,
        idleTimeout: TimeAmount = .seconds(10),
        webRoot: String? = nil
    ) {
        self.host = host
        self.port = port
        self.messageLimit = messageLimit
        self.binaryLimit = binaryLimit
        self.outbound = outbound
        self.frontDoor = frontDoor
        self.certificate = certificate
        self.compresses = compresses
        self.idleTimeout = idleTimeout
        self.webRoot = webRoot
    }
}
