import ChatCore
import ChatProtocol
import MessageDeflate
import NIOCore
import NIOHTTP1

/// Sends every message back: what a conformance suite wants to talk to, on the very same handlers.
struct EchoAcceptor: WebSocketAcceptor {
    let configuration: GatewayConfiguration
    let compression: FrameEncoder.Compression

    func accept(_ request: HTTPRequestHead, from origin: ConnectionOrigin, headers: inout HTTPHeaders) throws {
        if let agreement = self.deflate(request) {
            headers.replaceOrAdd(name: "Sec-WebSocket-Extensions", value: agreement.header)
        }
    }

    func begin(on channel: any Channel, request: HTTPRequestHead, from origin: ConnectionOrigin) throws {
        let queue = OutboundQueue(
            channel: channel, flushList: FlushList(), configuration: self.configuration.outbound
        )
        let agreement = self.deflate(request)
        let deflate = agreement.map { ($0.windowBits, FrameEncoder(compression: self.compression)) }
        try WebSocketHandshake.addHandlers(
            to: channel,
            outbound: queue,
            receiver: Echo(queue, deflate: deflate),
            messageLimit: self.configuration.messageLimit,
            inflater: agreement.map { _ in MessageInflater() }
        )
    }

    private func deflate(_ request: HTTPRequestHead) -> DeflateAgreement? {
        self.configuration.compresses ? WebSocketHandshake.deflate(request.headers) : nil
    }
}

private final class Echo: WebSocketReceiver {
    private let outbound: OutboundQueue
    private let deflate: (windowBits: Int, encoder: FrameEncoder)?

    init(_ outbound: OutboundQueue, deflate: (windowBits: Int, encoder: FrameEncoder)?) {
        self.outbound = outbound
        self.deflate = deflate
    }

    func begin() {}
    func receive(text: ByteBuffer) { self.send(text, opcode: 0x1) }
    func receive(binary: ByteBuffer) { self.send(binary, opcode: 0x2) }
    func receivePong() {}
    func receivedAll() {}
    func end() {}

    private func send(_ payload: ByteBuffer, opcode: UInt8) {
        var frame = ByteBuffer()
        if let (windowBits, encoder) = self.deflate {
            encoder.writeDeflated(payload, opcode: opcode, windowBits: windowBits, into: &frame)
        } else {
            WebSocketFraming.writeHeader(opcode: opcode, length: payload.readableBytes, into: &frame)
            frame.writeImmutableBuffer(payload)
        }
        self.outbound.write(frame, ephemeral: false)
        self.outbound.flush()
    }
}
