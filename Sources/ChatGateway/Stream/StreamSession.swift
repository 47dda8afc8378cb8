import ChatCore
import ChatProtocol
import NIOCore

/// A fallback session: what its client posts, put in order and given to the session; and whether it still posts.
///
/// Confined to the session's event loop.
final class StreamSession {
    let session: Session
    let output: StreamOutput
    private let key: String
    private let silenceLimit: TimeAmount
    private let eventLoop: any EventLoop
    private var sequence = PostSequence<Posted>()
    private var lastHeard = NIODeadline.now()
    private var watch: Scheduled<Void>?

    /// A post and who waits for its answer.
    private struct Posted {
        var frames: ByteBuffer
        var isBinary: Bool
        var promise: EventLoopPromise<PostAnswer>
    }

    /// - Parameter silenceLimit: how long the client may post nothing.
    init(_ session: Session, output: StreamOutput, key: String, silenceLimit: TimeAmount, eventLoop: any EventLoop) {
        self.session = session
        self.output = output
        self.key = key
        self.silenceLimit = silenceLimit
        self.eventLoop = eventLoop
        // A WebSocket's pong; here the posts are watched instead.
        output.onPing = { [weak session] in session?.receivePong() }
        output.onOverflow = { [weak session] in session?.end() }
        self.watchPosts()
    }

    /// Takes a post; the promise is completed when the session has it, which may need earlier ones first.
    func receive(_ post: StreamPost, promise: EventLoopPromise<PostAnswer>) {
        guard Self.isSame(post.key, self.key) else { return promise.succeed(.unknown) }
        self.lastHeard = .now()
        let posted = Posted(frames: post.frames, isBinary: post.isBinary, promise: promise)
        switch self.sequence.add(posted, number: post.number, bytes: post.frames.readableBytes) {
        case .deliver(let posts):
            for posted in posts { self.deliver(posted) }
        case .held(let superseded): superseded?.promise.succeed(.unavailable)
        case .isRepeat: promise.succeed(.accepted)
        case .refused: promise.succeed(.unavailable)
        }
    }

    private func deliver(_ posted: Posted) {
        if posted.isBinary {
            self.session.receive(binary: posted.frames)
        } else {
            for frame in PostBody.lines(posted.frames) { self.session.receive(text: frame) }
        }
        posted.promise.succeed(.accepted)
    }

    /// The connection is gone, or was closed.
    func end() {
        self.watch?.cancel()
        self.session.end()
        for posted in self.sequence.giveUp() { posted.promise.succeed(.unknown) }
    }

    private func watchPosts() {
        let stream = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.watch = self.eventLoop.scheduleTask(deadline: self.lastHeard + self.silenceLimit) {
            let stream = stream.value
            guard stream.lastHeard + stream.silenceLimit <= .now() else { return stream.watchPosts() }
            stream.session.close(.timedOut, reason: "nothing was posted for two ping intervals")
        }
    }

    /// Takes as long wherever the first difference is.
    private static func isSame(_ given: String, _ key: String) -> Bool {
        guard given.utf8.count == key.utf8.count else { return false }
        return zip(given.utf8, key.utf8).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

@available(*, unavailable)
extension StreamSession: Sendable {}
