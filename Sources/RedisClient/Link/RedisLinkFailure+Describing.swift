internal import NIOCore
internal import NIOPosix
internal import NIOSSL

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

extension RedisLinkFailure {
    /// Puts what ended a connection, or kept it from being made, into words that say what to look at.
    init(_ error: any Error, wasReady: Bool, endpoint: RedisEndpoint) {
        switch error {
        case let error as RedisError:
            self.init(kind: wasReady ? .lost : .protocolViolation, reason: "\(endpoint): \(error)")
        case is ConnectionClosedByRedis where !wasReady:
            let hint = "does it expect TLS (rediss://), or has it too many clients?"
            self.init(kind: .unreachable, reason: "\(endpoint) closed the connection at once: \(hint)")
        default:
            self.init(kind: wasReady ? .lost : .unreachable, reason: Self.reason(error, endpoint: endpoint))
        }
    }

    private static func reason(_ error: any Error, endpoint: RedisEndpoint) -> String {
        switch error {
        case is ConnectionClosedByRedis:
            return "\(endpoint) closed the connection"
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return reason(first.error, endpoint: endpoint) }
            return "the host of \(endpoint) is not known: check its name and the DNS"
        case ChannelError.connectTimeout:
            return "\(endpoint) does not answer: check the address and firewalls"
        case let error as IOError:
            return reason(error, endpoint: endpoint)
        case let error as NIOSSLError:
            return "TLS with \(endpoint) failed: \(error)"
        case let error as BoringSSLError:
            return "TLS with \(endpoint) failed: \(error)"
        default:
            return "\(endpoint): \(error)"
        }
    }

    private static func reason(_ error: IOError, endpoint: RedisEndpoint) -> String {
        switch error.errnoCode {
        case ECONNREFUSED:
            "nobody listens at \(endpoint): is Redis running there?"
        case ENOENT:
            "there is no socket at \(endpoint): is Redis running there?"
        case EACCES, EPERM:
            "no right to connect to \(endpoint): check the permissions of the socket"
        case ECONNRESET, EPIPE:
            "\(endpoint) reset the connection"
        default:
            "\(endpoint): \(error)"
        }
    }
}
