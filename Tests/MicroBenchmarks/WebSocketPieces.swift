import ChatGateway
import NIOCore

/// What comes from a client, before it is JSON.
enum WebSocketPieces {
    static var all: [MicroBenchmark] { [readFrame] }

    private static var readFrame: MicroBenchmark {
        MicroBenchmark(name: "WebSocketFrameReader") { iterations in
            var reader = WebSocketFrameReader(payloadLimit: 1 << 16)
            let bytes = maskedFrame(ProtocolPieces.sendFrame)
            for _ in 0..<iterations {
                reader.append(bytes)
                use(try reader.next())
                reader.endRead()
            }
        }
    }

    /// RFC 6455, section 5.2: a text frame of less than 126 bytes, from a client.
    private static func maskedFrame(_ payload: ByteBuffer) -> ByteBuffer {
        let mask: [UInt8] = [0x5A, 0xC3, 0x17, 0x9E]
        var frame = ByteBuffer(bytes: [0x81, 0x80 | UInt8(payload.readableBytes)] + mask)
        frame.writeBytes(payload.readableBytesView.enumerated().map { $0.element ^ mask[$0.offset % 4] })
        return frame
    }
}
