/// Every setting there is. The raw value is its key in a configuration file.
///
/// A setting is looked for in this order: its flag, its environment variable, the configuration file; then its default
/// holds (see ``NodeConfiguration``). An empty environment variable counts as unset.
enum Setting: String, CaseIterable, Sendable {
    case host
    case port
    case redis
    case redisFile
    case redisPassword
    case redisPasswordFile
    case redisRoots
    case node
    case data
    case threads
    case logLevel
    case prefix
    case lease
    case heartbeat
    case grace
    case drain
    case pingInterval
    case helloTimeout
    case outboundLimit
    case retention
    case textLimit
    case frameLimit
    case roomsPerSession
    case guests
    case accounts
    case issuers
    case operators
    case userFrames
    case userJoins
    case strangerMessages
    case userRenames
    case userUploads
    case registrations
    case failedLogins
    case tokenLifetime
    case refreshLifetime
    case attachmentLimit
    case attachmentsPerRoom
    case attachmentLinks
    case largeRoom
    case burst
    case rate
    case tlsCertificate
    case tlsKey
    case trustedProxies
    case proxyProtocol
    case origins
    case connectionsPerAddress
    case sessionsPerUser
    case compression
    case compressionThreshold
    case redisDeadline
    case ackReplicas
    case ackTimeout
    case secret
    case secretFile
    case webRoot
    /// Names the configuration file, so it cannot stand in one.
    case config

    static let variablePrefix = "MARTLET_"

    /// The environment variable: `MARTLET_` and the key in upper snake case, `MARTLET_LOG_LEVEL`.
    var variable: String {
        Self.variablePrefix + words(separator: "_").uppercased()
    }

    /// The flag of `martlet serve`, `--log-level`; nil for settings that have none.
    var flag: String? {
        switch self {
        case .host, .port, .redis, .node, .data, .threads, .logLevel, .prefix, .tlsCertificate, .tlsKey,
            .config:
            "--" + words(separator: "-")
        default:
            nil
        }
    }

    /// Whether the value must never be shown.
    var isSecret: Bool {
        switch self {
        // A Redis URL may carry a password.
        case .redis, .redisPassword, .secret: true
        default: false
        }
    }

    /// Where a person sets it: "--port or MARTLET_PORT".
    var places: String {
        guard let flag else { return variable }
        return "\(flag) or \(variable)"
    }

    private func words(separator: String) -> String {
        rawValue.reduce(into: "") { result, character in
            result += character.isUppercase ? separator + character.lowercased() : String(character)
        }
    }
}
