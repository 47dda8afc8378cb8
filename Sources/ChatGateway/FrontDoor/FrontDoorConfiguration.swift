/// Who may come in, as the operator says.
public struct FrontDoorConfiguration: Sendable {
    /// Proxies whose word on a client's address is believed.
    public var trustedProxies: [AddressRange]
    /// Which pages' scripts may open sessions.
    public var origins: OriginPolicy
    /// Connections that an address (of IPv6: a /64) may have on this node; 0: any number.
    public var connectionsPerAddress: Int
    /// Connections of trusted proxies begin with a PROXY header, and others are not taken.
    public var expectsProxyHeader: Bool

    public init(
        trustedProxies: [AddressRange] = AddressRange.loopback,
        origins: OriginPolicy = .sameOrigin,
        connectionsPerAddress: Int = 1_000,
        expectsProxyHeader: Bool = false
    ) {
        self.trustedProxies = trustedProxies
        self.origins = origins
        self.connectionsPerAddress = connectionsPerAddress
        self.expectsProxyHeader = expectsProxyHeader
    }
}
