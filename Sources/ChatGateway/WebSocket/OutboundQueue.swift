public import ChatCore
public import ChatProtocol
import DequeModule
public import NIOCore

/// All that goes out on one connection, in order and bounded: shared frames, replies, control frames, the close.
///
/// Confined to the channel's event loop. Frames are gathered during a turn of the loop and leave together. While NIO
/// holds nothing, they go straight to the socket (``DirectSocket``); whatever does not fit there goes through NIO, and
/// only when NIO has written that is the socket used directly again.
public final class OutboundQueue: SessionOutput {
    // Every message of the client looks at what follows here: it stands side by side, for queues lie all over the memory.
    private var state = State.open
    private var isListed = false
    private var frames: Deque<ByteBuffer> = []
    private var bytes = 0
    /// Writes that NIO has taken and not yet handed to the kernel.
    private var writesInNIO = 0

    private let channel: any Channel
    private let flushList: FlushList
    private let configuration: OutboundConfiguration
    private let socket: DirectSocket?
    private let sockets: SocketTable?
    public private(set) var slot: OutputSlot
    /// Both sides have said close: the connection ends once all is sent.
    private var isFinishing = false

    private enum State {
        case open
        /// Our close frame is queued or sent; nothing follows it.
        case closing
        case closed
    }

    /// - Parameter sockets: the loop's; `nil` for a queue that no room delivers to.
    init(
        channel: any Channel, flushList: FlushList, configuration: OutboundConfiguration, sockets: SocketTable? = nil
    ) {
        self.channel = channel
        self.flushList = flushList
        self.configuration = configuration
        self.socket = configuration.sendsDirectly ? DirectSocket(channel) : nil
        self.sockets = self.socket == nil ? nil : sockets
        self.slot = self.sockets?.add() ?? .none
        self.noteWhetherClear()
    }

    /// To be called when what is asked for here may have changed.
    private func noteWhetherClear() {
        guard let sockets, let socket else { return }
        if case .open = self.state, self.bytes == 0, self.writesInNIO == 0 {
            sockets.setClear(self.slot, socket)
        } else {
            sockets.setBusy(self.slot)
        }
    }

    /// Tells the session that its connection is being closed because it read too slowly.
    var onOverflow: (() -> Void)?

    public func write(_ frames: ByteBuffer, ephemeral: Bool) {
        guard case .open = self.state else { return }
        let isCongested = self.writesInNIO > 0
        let fits = self.bytes + frames.readableBytes <= self.configuration.byteLimit
        if ephemeral, isCongested || !fits { return }
        guard fits else { return self.overflow() }
        self.enqueue(frames)
    }

    /// The way of most bytes: nothing waits for this session, so they go from the room's buffer to the kernel.
    public func deliver(_ frames: ByteBuffer) {
        guard let socket, case .open = self.state, self.bytes == 0, self.writesInNIO == 0 else {
            return self.write(frames, ephemeral: false)
        }
        let sent = socket.send(frames)
        if sent < frames.readableBytes { self.putBack(frames, sent: sent) }
    }

    private func enqueue(_ frames: ByteBuffer) {
        self.frames.append(frames)
        self.bytes += frames.readableBytes
        self.noteWhetherClear()
        guard !self.isListed else { return }
        self.isListed = true
        self.flushList.add(self)
    }

    /// A slow consumer: what it has not got it can resume; nobody else waits for it.
    private func overflow() {
        self.frames.removeAll()
        self.bytes = 0
        self.close(.slowConsumer, reason: "too slow to read")
        self.onOverflow?()
    }

    public func flush() {
        self.isListed = false
        // Asked after each read, mostly for nothing.
        guard !self.frames.isEmpty else { return }
        if case .closed = self.state { return }
        self.sendDirectly()
        self.sendThroughNIO()
        self.noteWhetherClear()
    }

    private func sendDirectly() {
        guard let socket, self.writesInNIO == 0 else { return }
        while let frame = self.next() {
            let sent = socket.send(frame)
            guard sent == frame.readableBytes else { return self.putBack(frame, sent: sent) }
        }
    }

    /// The next bytes to send. Several frames become one write, which costs less than several writes.
    private func next() -> ByteBuffer? {
        guard var first = self.frames.popFirst() else { return nil }
        while let second = self.frames.first, first.readableBytes + second.readableBytes <= 65_536 {
            first.writeImmutableBuffer(second)
            self.frames.removeFirst()
        }
        self.bytes -= first.readableBytes
        return first
    }

    /// What the kernel did not take of a frame that was sent directly goes through NIO.
    func putBack(_ frame: ByteBuffer, sent: Int) {
        var rest = frame
        rest.moveReaderIndex(forwardBy: sent)
        self.frames.prepend(rest)
        self.bytes += rest.readableBytes
        self.isListed = false
        self.writeThroughNIO()
        self.noteWhetherClear()
    }

    private func sendThroughNIO() {
        guard !self.frames.isEmpty else { return }
        self.writeThroughNIO()
    }

    /// NIO gets no more than its watermark; the rest waits here, where it is counted.
    private func writeThroughNIO() {
        var wrote = false
        while self.channel.isWritable || self.writesInNIO == 0, let frame = self.next() {
            self.writesInNIO += 1
            wrote = true
            let queue = NIOLoopBound(self, eventLoop: self.channel.eventLoop)
            self.channel.write(frame).whenComplete { queue.value.wroteThroughNIO($0) }
        }
        if wrote { self.channel.flush() }
    }

    private func wroteThroughNIO(_ result: Result<Void, any Error>) {
        self.writesInNIO -= 1
        if case .failure = result {
            // The connection is gone, and its descriptor may be another one's by now.
            self.ended()
            return self.channel.close(promise: nil)
        }
        guard self.writesInNIO == 0 else { return }
        if !self.frames.isEmpty { self.flush() }
        self.noteWhetherClear()
        self.endIfSent()
    }

    /// NIO can take more.
    func becameWritable() {
        if !self.frames.isEmpty { self.writeThroughNIO() }
        self.noteWhetherClear()
    }

    // MARK: Control frames

    public func ping() {
        self.control(opcode: 0x9, ByteBuffer())
    }

    func pong(_ payload: ByteBuffer) {
        self.control(opcode: 0xA, payload)
    }

    private func control(opcode: UInt8, _ payload: ByteBuffer) {
        guard case .open = self.state else { return }
        // A peer that sends pings and reads no pongs must not fill our memory.
        guard self.bytes <= self.configuration.byteLimit else { return self.overflow() }
        self.enqueue(Self.controlFrame(opcode: opcode, payload))
    }

    private static func controlFrame(opcode: UInt8, _ payload: ByteBuffer) -> ByteBuffer {
        var frame = ByteBuffer()
        WebSocketFraming.writeHeader(opcode: opcode, length: payload.readableBytes, into: &frame)
        frame.writeImmutableBuffer(payload)
        return frame
    }

    // MARK: Closing

    public func close(_ code: CloseCode, reason: String) {
        var payload = ByteBuffer(integer: code.rawValue)
        // A control frame's payload has 125 bytes at most (RFC 6455, section 5.5); reasons are our own ASCII.
        payload.writeString(String(reason.prefix(120)))
        self.close(payload)
    }

    /// Answers the peer's close with its own code.
    func answerClose(code: UInt16?) {
        self.close(code.map { ByteBuffer(integer: $0) } ?? ByteBuffer())
    }

    private func close(_ payload: ByteBuffer) {
        guard case .open = self.state else { return }
        self.enqueue(Self.controlFrame(opcode: 0x8, payload))
        self.state = .closing
        self.noteWhetherClear()
        self.flushList.flush()
        self.flush()
        // The peer closes the connection when it has our frame, or does not read at all: it gets a moment.
        let channel = self.channel
        let queue = NIOLoopBound(self, eventLoop: channel.eventLoop)
        channel.eventLoop.scheduleTask(in: self.configuration.closeTimeout) {
            if !queue.value.isClosed { channel.close(promise: nil) }
        }
    }

    var isOpen: Bool {
        if case .open = self.state { true } else { false }
    }

    private var isClosed: Bool {
        if case .closed = self.state { true } else { false }
    }

    /// Both have said close: all is sent, then the connection ends (RFC 6455, section 7.1.1: the server ends it).
    func finish() {
        self.isFinishing = true
        self.flush()
        self.endIfSent()
    }

    private func endIfSent() {
        guard self.isFinishing, self.frames.isEmpty, self.writesInNIO == 0 else { return }
        self.channel.close(promise: nil)
    }

    /// The connection is gone.
    func ended() {
        self.state = .closed
        self.frames.removeAll()
        self.bytes = 0
        self.noteWhetherClear()
    }

    /// The session is in no room any more.
    func leaveTable() {
        self.sockets?.remove(self.slot)
        self.slot = .none
    }
}

@available(*, unavailable)
extension OutboundQueue: Sendable {}

public struct OutboundConfiguration: Sendable {
    /// Bytes that may wait for one session, besides what NIO holds (64 KiB).
    public var byteLimit: Int
    /// Whether to use the socket beside NIO. Must be false where handlers change the bytes (TLS).
    public var sendsDirectly: Bool
    /// How long the peer may take to answer our close.
    public var closeTimeout: TimeAmount

    public init(byteLimit: Int = 1 << 20, sendsDirectly: Bool = true, closeTimeout: TimeAmount = .seconds(2)) {
        self.byteLimit = byteLimit
        self.sendsDirectly = sendsDirectly
        self.closeTimeout = closeTimeout
    }
}
