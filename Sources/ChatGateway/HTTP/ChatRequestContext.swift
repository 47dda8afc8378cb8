import Hummingbird
import NIOCore

/// What a route knows besides the request: the connection, which an event stream takes over.
struct ChatRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.channel = source.channel
    }

    /// Why the connection's WebSocket handshake was refused, once.
    func takeRefusal() async -> Refusal? {
        let channel = self.channel
        let refusal = channel.eventLoop.submit { () -> Refusal? in
            let origin = try channel.pipeline.syncOperations.handler(type: ConnectionOrigin.self)
            defer { origin.refusal = nil }
            return origin.refusal
        }
        return (try? await refusal.get()) ?? nil
    }

    /// Counts the connection for the client behind a trusted proxy.
    ///
    /// - Returns: false when the client has too many.
    func admitForwarded(by door: FrontDoor, forwardedFor: [String]) async -> Bool {
        let channel = self.channel
        let admitted = channel.eventLoop.submit { () -> Bool in
            let origin = try channel.pipeline.syncOperations.handler(type: ConnectionOrigin.self)
            return door.admitForwarded(peer: origin.peer, forwardedFor: forwardedFor, channel: channel)
        }
        return (try? await admitted.get()) ?? false
    }

    /// Closes the connection unless `body` is done in time, so that nobody can hold a request open byte by byte.
    func withinTime<Result>(
        _ limit: TimeAmount, _ body: () async throws -> Result
    ) async rethrows -> Result {
        let channel = self.channel
        let timeout = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
        defer { timeout.cancel() }
        return try await body()
    }
}
