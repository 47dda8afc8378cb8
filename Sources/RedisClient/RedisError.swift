/// An error that Redis itself answered.
public struct RedisServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The first word, in capitals by Redis's convention: `ERR`, `NOSCRIPT`, `WRONGTYPE`, `READONLY`.
    public var code: String
    /// What follows the code.
    public var message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    /// Splits an error line, without its leading `-`, at the first space.
    public init(line: String) {
        let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        self.code = parts.first.map(String.init) ?? ""
        self.message = parts.count > 1 ? String(parts[1]) : ""
    }

    public var description: String { message.isEmpty ? code : "\(code) \(message)" }
}

extension RedisServerError {
    /// Whether a link that got this answer is of no use: the server is not, or no longer, the one to talk to
    /// (a replica, still loading, cut from its primary), or it lost the scripts that the handshake loaded.
    var makesLinkUseless: Bool {
        switch code {
        case "NOSCRIPT", "READONLY", "LOADING", "MASTERDOWN": true
        // Before Redis 7 an error inside a script arrives wrapped in the script's own.
        case "ERR": message.hasPrefix("Error running script") && message.contains("-READONLY ")
        default: false
        }
    }
}

/// Why a command has no result.
public enum RedisError: Error, Sendable, Hashable {
    /// The link is down or closed. The command was certainly not sent.
    case unavailable(String)
    /// No answer within the deadline. Redis may or may not have run the command.
    case timedOut
    /// The link was lost before the answer came. Redis may or may not have run the command.
    case connectionLost
    /// Too much is pending on this link already. The command was not sent; try again later, with less at once.
    case full
    /// Redis answered with an error.
    case server(RedisServerError)
    /// What came back is not a reply, or not one to this command. The link is closed.
    case protocolViolation(String)

    /// Whether Redis may have run the command although there is no answer. Such a command may be repeated only if
    /// running it twice does no harm.
    public var outcomeIsUnknown: Bool {
        switch self {
        case .timedOut, .connectionLost, .protocolViolation: true
        case .unavailable, .full, .server: false
        }
    }
}

extension RedisError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unavailable(let reason): "Redis is unavailable: \(reason)"
        case .timedOut: "Redis did not answer in time"
        case .connectionLost: "the connection to Redis was lost before it answered"
        case .full: "too many commands are waiting for Redis"
        case .server(let error): "Redis answered: \(error)"
        case .protocolViolation(let what): "Redis sent something unexpected: \(what)"
        }
    }
}
