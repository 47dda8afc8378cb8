public import ChatProtocol
public import NIOCore

/// How a session's transport wants what is sent to it. Sessions of one encoding share the same bytes.
public enum FrameEncoding: Int, Sendable, CaseIterable {
    /// One WebSocket text frame a JSON frame.
    case webSocket
    /// One WebSocket text frame a line of the plain dialect.
    case plainWebSocket
    /// One event of `text/event-stream` a JSON frame.
    case eventStream

    /// Appends one message in this encoding.
    public func write(_ message: ByteBuffer, into buffer: inout ByteBuffer) {
        switch self {
        case .webSocket, .plainWebSocket:
            WebSocketFraming.writeTextFrame(message, into: &buffer)
        case .eventStream:
            buffer.writeStaticString("data: ")
            buffer.writeImmutableBuffer(message)
            buffer.writeStaticString("\n\n")
        }
    }

    /// Several entries as one buffer for all sessions of this encoding; `nil` when none of them shows in it.
    public func encode(_ entries: [LogEntry]) -> ByteBuffer? {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(entries.reduce(0) { $0 + $1.json.readableBytes + 10 })
        for entry in entries {
            if self == .plainWebSocket {
                if let line = PlainLine.entry(entry) { self.write(ByteBuffer(string: line), into: &buffer) }
            } else {
                self.write(entry.json, into: &buffer)
            }
        }
        return buffer.readableBytes > 0 ? buffer : nil
    }

    /// An ephemeral event for all sessions of this encoding; `nil` when it does not show in it.
    public func encode(event: ByteBuffer) -> ByteBuffer? {
        guard self != .plainWebSocket else { return nil }
        var buffer = ByteBuffer()
        self.write(event, into: &buffer)
        return buffer
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
