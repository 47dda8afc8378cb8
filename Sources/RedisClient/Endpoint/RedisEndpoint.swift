/// Where a Redis is and how to log in, as written in a URL.
///
/// - `redis://[user:password@]host[:port][/database]`; only a password: `redis://:password@host`
/// - `rediss://…`, the same over TLS
/// - `unix://[user:password@]/path/to/socket[?db=database]`
///
/// User, password and path may be percent-encoded; a password with `/`, `?`, `#`, `@` or `%` has to be.
public struct RedisEndpoint: Sendable, Hashable {
    public enum Address: Sendable, Hashable {
        /// A name or an IP address, without brackets.
        case tcp(host: String, port: Int)
        case unixSocket(path: String)
    }

    public var address: Address
    public var user: String?
    public var password: String?
    /// The database that SELECT chooses. Pub/sub ignores it.
    public var database: Int
    public var usesTLS: Bool

    public init(
        address: Address,
        user: String? = nil,
        password: String? = nil,
        database: Int = 0,
        usesTLS: Bool = false
    ) {
        self.address = address
        self.user = user
        self.password = password
        self.database = database
        self.usesTLS = usesTLS
    }
}

/// Shown everywhere without the password, so that an endpoint may go into logs and errors.
extension RedisEndpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        let login = password == nil ? "" : "\(user ?? ""):***@"
        switch address {
        case .tcp(let host, let port):
            let host = host.contains(":") ? "[\(host)]" : host
            return "\(usesTLS ? "rediss" : "redis")://\(login)\(host):\(port)/\(database)"
        case .unixSocket(let path):
            return "unix://\(login)\(path)\(database == 0 ? "" : "?db=\(database)")"
        }
    }

    public var debugDescription: String { description }

    public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}
