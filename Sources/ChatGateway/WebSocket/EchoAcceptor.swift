import ChatCore
import ChatProtocol
import NIOCore
import NIOHTTP1

/// Sends every message back: what a conformance suite wants to talk to, on the very same handlers.
struct EchoAcceptor: WebSocketAcceptor {
    let messageLimit: Int
    let outbound: OutboundConfiguration

    func accept(_ request: HTTPRequestHead, headers: inout HTTPHeaders) throws {}

    func begin(on channel: any Channel, request: HTTPRequestHead) throws {
        let queue = OutboundQueue(channel: channel, flushList: FlushList(), configuration: self.outbound)
        try WebSocketHandshake.addHandlers(
            to: channel, outbound: queue, receiver: Echo(queue), messageLimit: self.messageLimit
        )
    }
}

private final class Echo: WebSocketReceiver {
    private let outbound: OutboundQueue

    init(_ outbound: OutboundQueue) {
        self.outbound = outbound
    }

    func begin() {}
    func receive(text: ByteBuffer) { self.send(text, opcode: 0x1) }
    func receive(binary: ByteBuffer) { self.send(binary, opcode: 0x2) }
    func receivePong() {}
    func end() {}

    private func send(_ payload: ByteBuffer, opcode: UInt8) {
        var frame = ByteBuffer()
        WebSocketFraming.writeHeader(opcode: opcode, length: payload.readableBytes, into: &frame)
        frame.writeImmutableBuffer(payload)
        self.outbound.write(frame, ephemeral: false)
        self.outbound.flush()
    }
}
