import ChatProtocol
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The end of a WebSocket connection's pipeline: frames in, messages to the receiver, bytes out of the queue.
final class WebSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame

    private let outbound: OutboundQueue
    private let receiver: any WebSocketReceiver
    private var assembler: MessageAssembler

    init(outbound: OutboundQueue, receiver: any WebSocketReceiver, assembler: MessageAssembler) {
        self.outbound = outbound
        self.receiver = receiver
        self.assembler = assembler
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { self.receiver.begin() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = self.unwrapInboundIn(data)
        guard self.outbound.isOpen else {
            // We have said close: only the peer's answer is of interest.
            if frame.opcode == .connectionClose { self.outbound.finish() }
            return
        }
        do throws(MessageAssembler.Violation) {
            guard let message = try self.assembler.add(frame) else { return }
            self.receive(message)
        } catch {
            self.fail(error.code, reason: error.reason)
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
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { self.outbound.becameWritable() }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.outbound.ended()
        self.receiver.end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? NIOWebSocketError else {
            return context.close(promise: nil)
        }
        switch error {
        case .invalidFrameLength: self.fail(.tooLarge, reason: "the frame is too large")
        default: self.fail(.protocolError, reason: "not a WebSocket frame")
        }
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
