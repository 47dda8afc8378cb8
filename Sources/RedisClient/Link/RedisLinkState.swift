/// What a link can be used for right now.
public enum RedisLinkState: Sendable, Hashable {
    /// Not connected yet or no longer: connecting, logging in, or waiting before the next attempt.
    case connecting
    /// Logged in, scripts loaded: commands are taken.
    case ready
    /// Closed by its owner, for good.
    case closed
}

/// Why an attempt to connect failed or a connection ended.
public struct RedisLinkFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// No connection: refused, no such host or socket, no answer in time, TLS.
        case unreachable
        /// Redis answered and does not want us, or is not the server to talk to: a wrong password, loading, read-only.
        case refused(RedisServerError)
        /// It was ready, then the connection ended.
        case lost
        /// What answered the handshake does not speak Redis's protocol as we know it.
        case protocolViolation
    }

    public var kind: Kind
    /// For people: what happened and, where that is known, what to do.
    public var reason: String

    public init(kind: Kind, reason: String) {
        self.kind = kind
        self.reason = reason
    }

    public var description: String { reason }

    /// Whether trying again is unlikely to help until somebody changes the configuration: a wrong password, a missing
    /// right, a database that does not exist. Links go on trying all the same.
    public var isPermanent: Bool {
        switch kind {
        case .refused(let error): !error.makesLinkUseless && !["BUSY", "MISCONF", "CLUSTERDOWN"].contains(error.code)
        case .protocolViolation: true
        case .unreachable, .lost: false
        }
    }
}
