public import ChatProtocol
internal import MessageDeflate
public import NIOCore

/// Puts messages into the encodings that transports want. Each event loop has its own: compressing needs memory that
/// is used again and again.
public final class FrameEncoder {
    /// Which messages of a compressed encoding are compressed.
    public struct Compression: Sendable {
        /// Shorter ones are sent as they are: there is little in them that repeats.
        public var threshold: Int
        /// zlib's 1 (fast) to 9 (small).
        public var level: Int

        public init(threshold: Int = 128, level: Int = 1) {
            self.threshold = threshold
            self.level = level
        }
    }

    private let compression: Compression
    /// Chat repeats itself within few bytes; a larger window costs memory and time for every message.
    private let deflater: MessageDeflater
    private let narrowDeflater: MessageDeflater
    /// What was encoded last. Mostly all of it has been sent by the next time: then its memory is used again.
    private var encoded = ByteBuffer()

    public init(compression: Compression = .init()) {
        self.compression = compression
        self.deflater = MessageDeflater(windowBits: FrameEncoding.deflateWindowBits, level: compression.level)
        self.narrowDeflater = MessageDeflater(windowBits: 9, level: compression.level)
    }

    /// Appends one message.
    public func write(_ message: ByteBuffer, as encoding: FrameEncoding, into buffer: inout ByteBuffer) {
        switch encoding {
        case .webSocket, .plainWebSocket:
            WebSocketFraming.writeTextFrame(message, into: &buffer)
        case .deflatedWebSocket:
            self.write(message, opcode: 0x1, deflater: self.deflater, into: &buffer)
        case .narrowlyDeflatedWebSocket:
            self.write(message, opcode: 0x1, deflater: self.narrowDeflater, into: &buffer)
        case .eventStream:
            buffer.writeStaticString("data: ")
            buffer.writeImmutableBuffer(message)
            buffer.writeStaticString("\n\n")
        }
    }

    /// Appends a WebSocket message of any kind for a client that has agreed to a window of so many bits.
    public func writeDeflated(_ message: ByteBuffer, opcode: UInt8, windowBits: Int, into buffer: inout ByteBuffer) {
        let isNarrow = windowBits < FrameEncoding.deflateWindowBits
        self.write(message, opcode: opcode, deflater: isNarrow ? self.narrowDeflater : self.deflater, into: &buffer)
    }

    private func write(_ message: ByteBuffer, opcode: UInt8, deflater: MessageDeflater, into buffer: inout ByteBuffer) {
        guard message.readableBytes >= self.compression.threshold, let deflated = deflater.deflate(message) else {
            WebSocketFraming.writeHeader(opcode: opcode, length: message.readableBytes, into: &buffer)
            buffer.writeImmutableBuffer(message)
            return
        }
        // RSV1 says that the message is compressed (RFC 7692, section 6).
        WebSocketFraming.writeHeader(opcode: 0x40 | opcode, length: deflated.readableBytes, into: &buffer)
        buffer.writeImmutableBuffer(deflated)
    }

    /// Several entries as one buffer for all sessions of this encoding; `nil` when none of them shows in it.
    public func encode(_ entries: [LogEntry], as encoding: FrameEncoding) -> ByteBuffer? {
        let capacity = entries.reduce(10) { $0 + $1.json.readableBytes + 10 }
        // A page of a long history is not worth keeping.
        var buffer = capacity <= 65_536 ? self.encoded : ByteBuffer()
        self.encoded = ByteBuffer()
        buffer.clear(minimumCapacity: capacity)
        for entry in entries {
            if encoding == .plainWebSocket {
                guard let line = PlainLine.entry(entry) else { continue }
                self.write(ByteBuffer(string: line), as: encoding, into: &buffer)
            } else {
                self.write(entry.json, as: encoding, into: &buffer)
            }
        }
        if buffer.capacity <= 131_072 { self.encoded = buffer }
        return buffer.readableBytes > 0 ? buffer : nil
    }

    /// An ephemeral event for all sessions of this encoding; `nil` when it does not show in it.
    public func encode(event: ByteBuffer, as encoding: FrameEncoding) -> ByteBuffer? {
        guard encoding != .plainWebSocket else { return nil }
        var buffer = ByteBuffer()
        self.write(event, as: encoding, into: &buffer)
        return buffer
    }
}

@available(*, unavailable)
extension FrameEncoder: Sendable {}
