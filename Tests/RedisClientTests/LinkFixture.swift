import Logging
import NIOCore
import NIOPosix
import RedisClient
import TestSupport

/// A link on a loop, for tests that run elsewhere: all access hops to the loop.
struct OnLoop<Value>: Sendable {
    let eventLoop: any EventLoop
    private let bound: NIOLoopBound<Value>

    init(_ make: @escaping @Sendable (any EventLoop) throws -> Value) async throws {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        self.eventLoop = eventLoop
        bound = try await eventLoop.submit { NIOLoopBound(try make(eventLoop), eventLoop: eventLoop) }.get()
    }

    /// Runs `body` on the loop.
    func callAsFunction<Result: Sendable>(
        _ body: @escaping @Sendable (Value) throws -> Result
    ) async throws -> Result {
        try await eventLoop.submit { [bound] in try body(bound.value) }.get()
    }

    /// Runs `body` on the loop and waits for the future it returns.
    func wait<Result: Sendable>(
        _ body: @escaping @Sendable (Value) -> EventLoopFuture<Result>
    ) async throws -> Result {
        try await eventLoop.flatSubmit { [bound] in body(bound.value) }.get()
    }
}

/// A command link and what it reported.
final class RecordedCommandLink {
    let link: RedisCommandLink
    var states: [RedisLinkState] = []
    var failures: [RedisLinkFailure] = []

    init(link: RedisCommandLink) {
        self.link = link
        link.onStateChange = { [unowned self] in states.append($0) }
        link.onFailure = { [unowned self] in failures.append($0) }
    }
}

/// A subscriber link and what it reported.
final class RecordedSubscriberLink {
    let link: RedisSubscriberLink
    var states: [RedisLinkState] = []
    var failures: [RedisLinkFailure] = []
    var messages: [String] = []
    var resubscribed: [[String]] = []
    var patternsResubscribed: [[String]] = []
    var reads = 0

    init(link: RedisSubscriberLink) {
        self.link = link
        link.onStateChange = { [unowned self] in states.append($0) }
        link.onFailure = { [unowned self] in failures.append($0) }
        link.onMessage = { [unowned self] in messages.append("\($0) \(String(buffer: $2))") }
        link.onPatternMessage = { [unowned self] in messages.append("\($0) \($1) \(String(buffer: $2))") }
        link.onResubscribed = { [unowned self] in resubscribed.append($0) }
        link.onPatternsResubscribed = { [unowned self] in patternsResubscribed.append($0) }
        link.onReadComplete = { [unowned self] in reads += 1 }
    }
}

/// Short times, so that a test of a dead peer does not take long.
func quickConfiguration() -> RedisLinkConfiguration {
    var configuration = RedisLinkConfiguration()
    configuration.backoff.base = .milliseconds(5)
    configuration.backoff.cap = .milliseconds(100)
    // What a busy machine needs to connect is not what the tests are about.
    configuration.connectTimeout = .seconds(20)
    configuration.commandDeadline = .seconds(20)
    return configuration
}

/// Runs `body` with a started link that is closed afterwards.
func withCommandLink(
    to url: String,
    scripts: [RedisScript] = [],
    configuration: RedisLinkConfiguration = quickConfiguration(),
    awaitReady: Bool = true,
    _ body: (OnLoop<RecordedCommandLink>) async throws -> Void
) async throws {
    let endpoint = try RedisEndpoint(url: url)
    let link = try await OnLoop { eventLoop in
        RecordedCommandLink(
            link: RedisCommandLink(
                endpoint: endpoint,
                eventLoop: eventLoop,
                scripts: scripts,
                configuration: configuration,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
    }
    try await link { $0.link.start() }
    do {
        if awaitReady { try await link.wait { $0.link.whenReady(within: .seconds(20)) } }
        try await body(link)
    } catch {
        try await link.wait { $0.link.close() }
        throw error
    }
    try await link.wait { $0.link.close() }
}

/// Runs `body` with a started link that is closed afterwards.
func withSubscriberLink(
    to url: String,
    configuration: RedisLinkConfiguration = quickConfiguration(),
    _ body: (OnLoop<RecordedSubscriberLink>) async throws -> Void
) async throws {
    let endpoint = try RedisEndpoint(url: url)
    let link = try await OnLoop { eventLoop in
        RecordedSubscriberLink(
            link: RedisSubscriberLink(
                endpoint: endpoint,
                eventLoop: eventLoop,
                configuration: configuration,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
    }
    try await link { $0.link.start() }
    do {
        try await link.wait { $0.link.whenReady(within: .seconds(20)) }
        try await body(link)
    } catch {
        try await link.wait { $0.link.close() }
        throw error
    }
    try await link.wait { $0.link.close() }
}

/// How a command ended, without throwing.
func outcome(_ body: () async throws -> RedisValue) async -> Result<RedisValue, RedisError> {
    do {
        return .success(try await body())
    } catch let error as RedisError {
        return .failure(error)
    } catch {
        return .failure(.unavailable("an error of another type: \(error)"))
    }
}
