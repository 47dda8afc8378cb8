public import NIOCore

/// How a session's transport wants what is sent to it. Sessions of one encoding share the same bytes, which a
/// ``FrameEncoder`` makes.
public enum FrameEncoding: Int, Sendable, CaseIterable {
    /// One WebSocket text frame a JSON frame.
    case webSocket
    /// The same, compressed where that pays, for clients that can look back ``deflateWindowBits``.
    case deflatedWebSocket
    /// The same for clients that cannot look back that far.
    case narrowlyDeflatedWebSocket
    /// One WebSocket text frame a line of the plain dialect.
    case plainWebSocket
    /// One event of `text/event-stream` a JSON frame.
    case eventStream

    /// The window of ``deflatedWebSocket``: 4 KiB.
    public static let deflateWindowBits = 12

    /// For a client that has agreed to compression with a window of so many bits.
    public static func deflated(windowBits: Int) -> FrameEncoding {
        windowBits < Self.deflateWindowBits ? .narrowlyDeflatedWebSocket : .deflatedWebSocket
    }
}

/// WebSocket framing of what a server sends: unmasked, unfragmented.
public enum WebSocketFraming {
    /// RFC 6455, section 5.2: FIN and opcode 1, then the length in 7, 16 or 64 bits.
    public static func writeTextFrame(_ payload: ByteBuffer, into buffer: inout ByteBuffer) {
        Self.writeHeader(opcode: 0x1, length: payload.readableBytes, into: &buffer)
        buffer.writeImmutableBuffer(payload)
    }

    /// The header of a single, final frame.
    public static func writeHeader(opcode: UInt8, length: Int, into buffer: inout ByteBuffer) {
        buffer.writeInteger(0x80 | opcode)
        switch length {
        case ..<126: buffer.writeInteger(UInt8(length))
        case ..<65_536: buffer.writeMultipleIntegers(UInt8(126), UInt16(length))
        default: buffer.writeMultipleIntegers(UInt8(127), UInt64(length))
        }
    }
}
