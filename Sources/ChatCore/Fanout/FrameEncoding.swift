public import NIOCore

/// How a session's transport wants what is sent to it. Sessions of one encoding share the same bytes, which a
/// ``FrameEncoder`` makes.
public enum FrameEncoding: Sendable {
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
        // In one piece: a buffer looks before each write whether it may.
        let length = payload.readableBytes
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.headerLimit + length) { target in
            let header = Self.writeHeader(opcode: 0x1, length: length, into: target)
            payload.withUnsafeReadableBytes {
                UnsafeMutableRawBufferPointer(rebasing: target[header...]).copyMemory(from: $0)
            }
            return header + length
        }
    }

    /// The header of a single, final frame.
    public static func writeHeader(opcode: UInt8, length: Int, into buffer: inout ByteBuffer) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.headerLimit) { target in
            Self.writeHeader(opcode: opcode, length: length, into: target)
        }
    }

    private static let headerLimit = 10

    /// - Returns: how many bytes it has.
    private static func writeHeader(opcode: UInt8, length: Int, into target: UnsafeMutableRawBufferPointer) -> Int {
        target[0] = 0x80 | opcode
        switch length {
        case ..<126:
            target[1] = UInt8(length)
            return 2
        case ..<65_536:
            target[1] = 126
            target.storeBytes(of: UInt16(length).bigEndian, toByteOffset: 2, as: UInt16.self)
            return 4
        default:
            target[1] = 127
            target.storeBytes(of: UInt64(length).bigEndian, toByteOffset: 2, as: UInt64.self)
            return 10
        }
    }
}
