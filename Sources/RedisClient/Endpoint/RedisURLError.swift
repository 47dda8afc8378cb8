/// What is wrong with a Redis URL. The description says what to write instead. It repeats nothing of what was written
/// after the scheme: where a URL cannot be parsed, any part of it may be part of the password.
public enum RedisURLError: Error, Sendable, Hashable {
    case unknownScheme(String)
    case missingHost
    case invalidPort
    case invalidDatabase
    case missingSocketPath
    case socketPathTooLong(limit: Int)
    /// Something before the `@`, but no colon: is it a user or a password?
    case ambiguousLogin
    /// A user without a password.
    case missingPassword
    case invalidPercentEncoding(of: String)
    case unknownOption
}

extension RedisURLError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownScheme(""):
            "a Redis URL starts with redis://, rediss:// or unix://, which is missing"
        case .unknownScheme(let scheme):
            "a Redis URL starts with redis://, rediss:// or unix://, not \"\(scheme)\""
        case .missingHost:
            "the Redis URL names no host; write redis://HOST:6379"
        case .invalidPort:
            """
            what follows the host in the Redis URL is not a port (1 to 65535); \
            if it is part of a password, percent-encode / ? # @ and %
            """
        case .invalidDatabase:
            """
            what follows the host in the Redis URL is not a database number (0, 1, 2, …); \
            if it is part of a password, percent-encode / ? # @ and %
            """
        case .missingSocketPath:
            "the Redis URL names no socket; write unix:///PATH/TO/SOCKET with three slashes"
        case .socketPathTooLong(let limit):
            "the socket's path in the Redis URL is longer than the system allows (\(limit) bytes)"
        case .ambiguousLogin:
            "a login in a Redis URL is USER:PASSWORD@ or :PASSWORD@, with the colon, unless the password is given apart"
        case .missingPassword:
            "the Redis URL names a user without a password; write USER:PASSWORD@"
        case .invalidPercentEncoding(let part):
            "the \(part) in the Redis URL has a % that is not followed by two hexadecimal digits, or is not UTF-8"
        case .unknownOption:
            "the Redis URL has an unknown option after the ?; only ?db=NUMBER is known"
        }
    }
}
