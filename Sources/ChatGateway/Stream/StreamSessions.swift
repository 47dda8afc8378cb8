import ChatCore
import ChatProtocol
import NIOCore

/// The fallback sessions of one event loop, by id.
final class StreamSessions {
    private let loop: SessionLoop
    private let configuration: GatewayConfiguration
    private var streams: [String: StreamSession] = [:]

    init(loop: SessionLoop, configuration: GatewayConfiguration) {
        self.loop = loop
        self.configuration = configuration
    }

    /// Begins a session on a connection whose response has begun.
    ///
    /// - Returns: completes when the response is to end.
    func begin(hello: ByteBuffer, on channel: any Channel) -> EventLoopFuture<Void> {
        let output = StreamOutput(
            channel: channel, flushList: self.loop.flushList, configuration: self.configuration.outbound
        )
        let key = RandomText.hexadecimal(bits: 128)
        let session = self.loop.begin(FrameDialect(encoding: .eventStream), output: output, streamKey: key)
        let interval = self.loop.settings.pingInterval
        let stream = StreamSession(
            session, output: output, key: key, silenceLimit: interval + interval, eventLoop: self.loop.eventLoop
        )
        self.streams[session.id] = stream
        let streams = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
        let id = session.id
        output.ended.whenComplete { _ in streams.value.streams.removeValue(forKey: id)?.end() }
        let bound = NIOLoopBound(output, eventLoop: self.loop.eventLoop)
        channel.closeFuture.whenComplete { _ in bound.value.disconnected() }
        session.begin()
        session.receive(text: hello)
        return output.ended
    }

    func receive(_ post: StreamPost, promise: EventLoopPromise<PostAnswer>) {
        guard let stream = self.streams[post.session], !stream.session.isEnded else { return promise.succeed(.unknown) }
        stream.receive(post, promise: promise)
    }
}

@available(*, unavailable)
extension StreamSessions: Sendable {}
