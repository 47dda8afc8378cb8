import ChatCore
import ChatProtocol
import DequeModule
import NIOCore
import NIOHTTPTypes

/// What goes out on one event stream, in order and bounded: the body of an endless response.
///
/// Confined to the channel's event loop. Like a WebSocket's ``OutboundQueue`` it gives NIO no more than its watermark;
/// the rest waits here, where it is counted.
final class StreamOutput: SessionOutput {
    private let channel: any Channel
    private let flushList: FlushList
    private let configuration: OutboundConfiguration
    private var frames: Deque<ByteBuffer> = []
    private var bytes = 0
    private var isListed = false
    private var state = State.open
    private var writesInNIO = 0
    private let sentAll: EventLoopPromise<Void>

    private enum State {
        case open
        /// The close event is queued or sent; nothing follows it.
        case closing
        case closed
    }

    init(channel: any Channel, flushList: FlushList, configuration: OutboundConfiguration) {
        self.channel = channel
        self.flushList = flushList
        self.configuration = configuration
        self.sentAll = channel.eventLoop.makePromise()
    }

    /// Tells the session that its connection is being closed because it read too slowly.
    var onOverflow: (() -> Void)?
    /// The session asks for a sign of life.
    var onPing: (() -> Void)?

    /// Completes when the response is to end: all is sent, or the connection is gone.
    var ended: EventLoopFuture<Void> { self.sentAll.futureResult }

    func write(_ frames: ByteBuffer, ephemeral: Bool) {
        guard case .open = self.state else { return }
        let fits = self.bytes + frames.readableBytes <= self.configuration.byteLimit
        if ephemeral, !self.channel.isWritable || !fits { return }
        guard fits else { return self.overflow() }
        self.enqueue(frames)
    }

    private func enqueue(_ frames: ByteBuffer) {
        self.frames.append(frames)
        self.bytes += frames.readableBytes
        guard !self.isListed else { return }
        self.isListed = true
        self.flushList.add(self)
    }

    private func overflow() {
        self.frames.removeAll()
        self.bytes = 0
        self.close(.slowConsumer, reason: "too slow to read")
        self.onOverflow?()
    }

    func flush() {
        self.isListed = false
        if case .closed = self.state { return }
        let queue = NIOLoopBound(self, eventLoop: self.channel.eventLoop)
        var wrote = false
        while self.channel.isWritable || self.writesInNIO == 0, let next = self.frames.popFirst() {
            self.bytes -= next.readableBytes
            self.writesInNIO += 1
            wrote = true
            self.channel.write(HTTPResponsePart.body(next)).whenComplete { _ in queue.value.wrote() }
        }
        if wrote { self.channel.flush() }
    }

    private func wrote() {
        self.writesInNIO -= 1
        if self.channel.isWritable, !self.frames.isEmpty { self.flush() }
        self.endIfSent()
    }

    /// A comment keeps proxies from taking the stream for dead; the client's sign of life are its posts.
    func ping() {
        self.write(ByteBuffer(string: ":\n\n"), ephemeral: true)
        self.onPing?()
    }

    func close(_ code: CloseCode, reason: String) {
        guard case .open = self.state else { return }
        var json = JSONWriter()
        json.beginObject()
        json.field("code", code.rawValue)
        json.field("reason", reason)
        json.endObject()
        var event = ByteBuffer(string: "event: close\ndata: ")
        event.writeImmutableBuffer(json.buffer)
        event.writeStaticString("\n\n")
        self.enqueue(event)
        self.state = .closing
        self.flush()
        self.endIfSent()
        let channel = self.channel
        let queue = NIOLoopBound(self, eventLoop: channel.eventLoop)
        // A peer that does not read gets a moment.
        channel.eventLoop.scheduleTask(in: self.configuration.closeTimeout) {
            if !queue.value.isClosed { channel.close(promise: nil) }
        }
    }

    private func endIfSent() {
        guard case .closing = self.state, self.frames.isEmpty, self.writesInNIO == 0 else { return }
        self.sentAll.succeed()
    }

    /// The connection is gone.
    func disconnected() {
        self.state = .closed
        self.frames.removeAll()
        self.bytes = 0
        self.sentAll.succeed()
    }

    private var isClosed: Bool {
        if case .closed = self.state { true } else { false }
    }
}

@available(*, unavailable)
extension StreamOutput: Sendable {}
