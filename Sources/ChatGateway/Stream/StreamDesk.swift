import ChatCore
import NIOCore

/// The fallback's way between HTTP and the sessions: begins streams, and brings posts to whichever node has the session.
struct StreamDesk: Sendable {
    private let hub: HubHandle
    private let loops: SessionLoops
    private let configuration: GatewayConfiguration
    private let streams: [ObjectIdentifier: NIOLoopBoundBox<StreamSessions?>]

    init(hub: HubHandle, loops: SessionLoops, configuration: GatewayConfiguration) {
        self.hub = hub
        self.loops = loops
        self.configuration = configuration
        self.streams = Dictionary(
            uniqueKeysWithValues: loops.eventLoops.map { eventLoop in
                (ObjectIdentifier(eventLoop), .makeEmptyBox(valueType: StreamSessions.self, eventLoop: eventLoop))
            }
        )
    }

    /// Takes posts to sessions of this node from now on.
    func open() {
        self.hub.execute { hub in
            hub.onPost = { post, promise in self.take(post, promise) }
        }
    }

    /// Begins a session on a connection whose response has begun, and waits until the response is to end.
    func run(hello: ByteBuffer, on channel: any Channel) async throws {
        try await channel.setOption(.allowRemoteHalfClosure, value: false).get()
        try await channel.eventLoop.flatSubmit {
            guard let streams = self.streams(on: channel.eventLoop) else {
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            return streams.begin(hello: hello, on: channel)
        }.get()
    }

    /// Brings a post to its session, here or on another node.
    func deliver(_ post: StreamPost) async -> PostAnswer {
        let promise = self.hub.eventLoop.makePromise(of: PostAnswer.self)
        self.hub.execute { $0.forward(post, promise: promise) }
        return (try? await promise.futureResult.get()) ?? .unavailable
    }

    private func take(_ post: StreamPost, _ promise: EventLoopPromise<PostAnswer>) {
        guard let index = post.owner?.loop, index < self.loops.eventLoops.count else {
            return promise.succeed(.unknown)
        }
        let eventLoop = self.loops.eventLoops[index]
        eventLoop.execute {
            guard let streams = self.streams(on: eventLoop) else { return promise.succeed(.unknown) }
            streams.receive(post, promise: promise)
        }
    }

    /// Must be called on that event loop.
    private func streams(on eventLoop: any EventLoop) -> StreamSessions? {
        guard let box = self.streams[ObjectIdentifier(eventLoop)], let loop = self.loops[eventLoop] else { return nil }
        if let streams = box.value { return streams }
        let streams = StreamSessions(loop: loop, configuration: self.configuration)
        box.value = streams
        return streams
    }
}
