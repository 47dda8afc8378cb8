import Logging
import NIOCore
import NIOPosix
import NIOSSL
import RedisClient

/// One command link to Redis, to be used from any task.
struct RedisSession: Sendable {
    private let link: NIOLoopBound<RedisCommandLink>
    private let eventLoop: any EventLoop

    /// - Parameter link: it connects, and connects again, by itself.
    init(_ link: NIOLoopBound<RedisCommandLink>, eventLoop: any EventLoop) {
        self.link = link
        self.eventLoop = eventLoop
    }

    /// Connects, for a command of the command line.
    ///
    /// - Parameter roots: for `rediss://`; none: the system's trusted certificates.
    /// - Throws: ``UserFacingError`` when the first attempt fails: a person waits for this.
    static func connect(
        to endpoint: RedisEndpoint, roots: [NIOSSLCertificate] = [], deadline: Duration
    ) async throws -> RedisSession {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        var configuration = RedisLinkConfiguration()
        configuration.commandDeadline = TimeAmount(deadline)
        configuration.trust(roots)
        let ready = eventLoop.makePromise(of: Void.self)
        let link = try await eventLoop.submit { [configuration] in
            // The link says what goes wrong through its callbacks; a person needs no second telling.
            let quiet = Logger(label: "martlet.redis") { _ in SwiftLogNoOpLogHandler() }
            let link = RedisCommandLink(
                endpoint: endpoint,
                eventLoop: eventLoop,
                configuration: configuration,
                logger: quiet
            )
            link.onStateChange = { state in
                if state == .ready { ready.succeed() }
            }
            link.onFailure = { ready.fail($0) }
            link.start()
            return NIOLoopBound(link, eventLoop: eventLoop)
        }.get()
        let session = RedisSession(link, eventLoop: eventLoop)
        do {
            try await ready.futureResult.get()
            return session
        } catch {
            await session.close()
            throw UserFacingError("cannot use Redis: \(error); name another one with --redis or MARTLET_REDIS")
        }
    }

    /// Sends one command; commands of several tasks are pipelined.
    ///
    /// - Throws: `RedisError`.
    func send(_ command: [RedisArgument]) async throws -> RedisValue {
        try await eventLoop.flatSubmit { link.value.send(command) }.get()
    }

    func close() async {
        try? await eventLoop.flatSubmit { link.value.close() }.get()
    }
}
