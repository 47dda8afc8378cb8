import Logging
import NIOCore
import RedisClient
import TestSupport
import Testing

/// Links keep themselves alive from start to close, and not longer.
@Suite struct LinkLifetimeTests {
    /// Holds nothing: only says whether the link is still there.
    private final class Trace<Link: AnyObject> {
        weak var link: Link?
        let loop: any EventLoop

        init(loop: any EventLoop) { self.loop = loop }
    }

    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func aCommandLinkLivesFromStartToClose() async throws {
        try await withRedisServer { server in
            let endpoint = try RedisEndpoint(url: server.url)
            let trace = try await OnLoop { Trace<RedisCommandLink>(loop: $0) }
            let reply = try await trace.wait { [logger] trace in
                let link = RedisCommandLink(endpoint: endpoint, eventLoop: trace.loop, logger: logger)
                trace.link = link
                link.start()
                return link.whenReady(within: .seconds(20)).assumeIsolated()
                    .flatMap { link.send(["PING"]) }
                    .nonisolated()
            }
            #expect(reply == .simple("PONG"))
            #expect(try await trace { $0.link?.state } == .ready)
            try await trace { _ = $0.link?.close() }
            try await eventually("it is gone") { try await trace { $0.link == nil } }
        }
    }

    @Test func aSubscriberLinkLivesFromStartToClose() async throws {
        try await withRedisServer { server in
            let endpoint = try RedisEndpoint(url: server.url)
            let trace = try await OnLoop { Trace<RedisSubscriberLink>(loop: $0) }
            try await trace.wait { [logger] trace in
                let link = RedisSubscriberLink(endpoint: endpoint, eventLoop: trace.loop, logger: logger)
                trace.link = link
                link.start()
                return link.whenReady(within: .seconds(20)).assumeIsolated()
                    .flatMap { link.subscribe("a") }
                    .nonisolated()
            }
            #expect(try await trace { $0.link?.isSubscribed("a") } == true)
            try await trace { _ = $0.link?.close() }
            try await eventually("it is gone") { try await trace { $0.link == nil } }
        }
    }

    @Test func aLinkThatWasNeverStartedIsGoneAtOnce() async throws {
        let endpoint = try RedisEndpoint(url: "redis://127.0.0.1")
        let trace = try await OnLoop { [logger] eventLoop in
            let trace = Trace<RedisCommandLink>(loop: eventLoop)
            let link = RedisCommandLink(endpoint: endpoint, eventLoop: eventLoop, logger: logger)
            trace.link = link
            return trace
        }
        #expect(try await trace { $0.link == nil })
    }
}
