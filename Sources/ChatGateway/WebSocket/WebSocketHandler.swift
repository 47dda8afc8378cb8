import ChatCore
import ChatProtocol
import NIOCore

/// The end of a WebSocket connection's pipeline: bytes in, messages to the receiver, bytes out of the queue.
final class WebSocketHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// What the client sends makes no sense any more.
    private var hasFailed = false
    private var reader: WebSocketFrameReader
    private let outbound: OutboundQueue
    private let receiver: any WebSocketReceiver
    private var assembler: MessageAssembler
    private let partRate: PartRate?
    private var parts = RateLimiter()

    /// How many frames may come that are no whole message: fragments, pings, pongs. Messages the receiver limits; these it
    /// never sees, and a million of one byte would keep the event loop from everybody else.
    struct PartRate {
        var perSecond = 1_000
        /// At once. The largest attachment in pieces of 2 KiB, and then some.
        var burst = 8_192
    }

    /// - Parameter partRate: `nil`: any number.
    init(
        outbound: OutboundQueue, receiver: any WebSocketReceiver, reader: WebSocketFrameReader,
        assembler: MessageAssembler, partRate: PartRate? = nil
    ) {
        self.outbound = outbound
        self.receiver = receiver
        self.reader = reader
        self.assembler = assembler
        self.partRate = partRate
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { self.receiver.begin() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.hasFailed else { return }
        self.reader.append(self.unwrapInboundIn(data))
        do throws(MessageAssembler.Violation) {
            while let frame = try self.reader.next() { try self.receive(frame) }
            self.reader.endRead()
        } catch {
            self.hasFailed = true
            self.reader = WebSocketFrameReader(payloadLimit: 0)
            self.fail(error.code, reason: error.reason)
        }
    }

    private func receive(_ frame: WebSocketFrame) throws(MessageAssembler.Violation) {
        guard self.outbound.isOpen else {
            // We have said close: only the peer's answer is of interest.
            if frame.opcode == .close { self.outbound.finish() }
            return
        }
        try self.count(frame)
        if let message = try self.assembler.add(frame) { self.receive(message) }
    }

    private func count(_ frame: WebSocketFrame) throws(MessageAssembler.Violation) {
        // The usual frame is a whole message: for that nobody looks at the clock.
        guard let rate = self.partRate, !frame.fin || frame.opcode != .text && frame.opcode != .binary else { return }
        let now = NIODeadline.now().uptimeNanoseconds
        guard self.parts.allow(now: now, perSecond: rate.perSecond, burst: rate.burst) == nil else {
            throw MessageAssembler.Violation(code: .tooFast, reason: "too many fragments, pings or pongs")
        }
    }

    private func receive(_ message: MessageAssembler.Message) {
        switch message {
        case .text(let text): self.receiver.receive(text: text)
        case .binary(let bytes): self.receiver.receive(binary: bytes)
        case .ping(let payload): self.outbound.pong(payload)
        case .pong: self.receiver.receivePong()
        case .close(let code):
            self.outbound.answerClose(code: code)
            self.receiver.end()
            self.outbound.finish()
        }
    }

    /// Frames of one read are answered together.
    func channelReadComplete(context: ChannelHandlerContext) {
        self.outbound.flush()
        self.receiver.receivedAll()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { self.outbound.becameWritable() }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.outbound.ended()
        self.receiver.end()
        self.outbound.leaveTable()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The node stops listening; what becomes of sessions is the drain's business, not the server channel's.
        if event is ChannelShouldQuiesceEvent { return }
        context.fireUserInboundEventTriggered(event)
    }

    private func fail(_ code: CloseCode, reason: String) {
        self.outbound.close(code, reason: reason)
        self.receiver.end()
        // "Fail the WebSocket connection" (RFC 6455, section 7.1.7): there is nothing to wait for.
        self.outbound.finish()
    }
}
