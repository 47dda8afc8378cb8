import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension UserFacingError {
    /// What to tell a person whose node could not listen on `host`:`port`.
    ///
    /// - Parameter error: what NIO's `ServerBootstrap.bind` failed with.
    static func cannotListen(host: String, port: Int, error: any Error) -> UserFacingError {
        let place = "port \(port) on \(host)"
        if let error = error as? IOError {
            switch error.errnoCode {
            case EADDRINUSE:
                return UserFacingError(
                    "\(place) is used by another program: stop that one, or choose another port with --port"
                        + " or MARTLET_PORT (0: any free one)"
                )
            case EACCES, EPERM:
                return UserFacingError(
                    "this user may not listen on \(place): choose a port of 1024 or more with --port or MARTLET_PORT"
                )
            case EADDRNOTAVAIL:
                return UserFacingError(
                    "\(host) is no address of this machine: choose one with --host or MARTLET_HOST"
                        + " (127.0.0.1: this machine only; 0.0.0.0: every network)"
                )
            default:
                return UserFacingError("cannot listen on \(place): \(error)")
            }
        }
        if error is SocketAddressError.UnknownHost {
            return UserFacingError(
                "the host name \(host) is not known: choose another with --host or MARTLET_HOST, such as 127.0.0.1"
            )
        }
        return UserFacingError("cannot listen on \(place): \(error)")
    }
}
