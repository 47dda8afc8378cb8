/// The answer to `hello`.
public struct Welcome: Sendable {
    public var re: String?
    public var session: String
    public var node: NodeID
    public var user: UserID
    public var name: DisplayName
    /// Of the cluster: may do in every room what its owner may.
    public var isOperator: Bool
    public var token: String
    /// Until when the token is good, in milliseconds since the Unix epoch; `nil`: it does not end.
    public var expiresAt: Int64?
    public var limits: Limits
    /// Milliseconds between two pings of the server's.
    public var pingInterval: Int64
    /// What a fallback session's posts carry; `nil` for others.
    public var streamKey: String?

    public init(
        re: String?,
        session: String,
        node: NodeID,
        user: UserID,
        name: DisplayName,
        isOperator: Bool = false,
        token: String,
        expiresAt: Int64? = nil,
        limits: Limits,
        pingInterval: Int64,
        streamKey: String? = nil
    ) {
        self.re = re
        self.session = session
        self.node = node
        self.user = user
        self.name = name
        self.isOperator = isOperator
        self.token = token
        self.expiresAt = expiresAt
        self.limits = limits
        self.pingInterval = pingInterval
        self.streamKey = streamKey
    }

    func encode(into json: inout JSONWriter) {
        json.field("type", "welcome")
        json.field("re", optional: self.re)
        json.field("session", self.session)
        json.field("node", self.node.string)
        json.name("user")
        json.beginObject()
        json.field("id", self.user.string)
        json.field("name", self.name.string)
        json.field("guest", self.user.isGuest)
        if self.isOperator { json.field("operator", true) }
        json.endObject()
        json.field("token", self.token)
        if let expiresAt = self.expiresAt { json.field("expiresAt", expiresAt) }
        json.name("limits")
        json.beginObject()
        json.field("frameBytes", self.limits.frameBytes)
        json.field("textBytes", self.limits.textBytes)
        json.field("rooms", self.limits.rooms)
        json.field("page", self.limits.page)
        json.field("burst", self.limits.burst)
        json.field("framesPerSecond", self.limits.framesPerSecond)
        json.field("attachmentBytes", self.limits.attachmentBytes)
        json.field("recoveryEntries", Limits.recoveryEntries)
        json.field("recoveryBytes", Limits.recoveryBytes)
        json.endObject()
        json.field("pingInterval", self.pingInterval)
        json.field("streamKey", optional: self.streamKey)
    }
}
