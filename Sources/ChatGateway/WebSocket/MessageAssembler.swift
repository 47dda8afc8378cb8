import ChatProtocol
import NIOCore
import NIOWebSocket

/// Turns frames into messages and checks what RFC 6455 asks of a client. A value without I/O.
struct MessageAssembler {
    enum Message: Equatable {
        case text(ByteBuffer)
        case binary(ByteBuffer)
        case ping(ByteBuffer)
        case pong
        /// The peer closes; the code to answer with (section 5.5.1: the same one).
        case close(code: UInt16?)
    }

    struct Violation: Error, Equatable {
        var code: CloseCode
        var reason: String
    }

    /// Bytes of one message, over all its frames.
    let messageLimit: Int
    private var opcode: WebSocketOpcode?
    private var fragments = ByteBuffer()

    init(messageLimit: Int) {
        self.messageLimit = messageLimit
    }

    /// - Returns: the message that this frame completes, if any.
    mutating func add(_ frame: WebSocketFrame) throws(Violation) -> Message? {
        guard frame.maskKey != nil else {
            throw Violation(code: .protocolError, reason: "a client's frames must be masked")
        }
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            throw Violation(code: .protocolError, reason: "a reserved bit is set")
        }
        let payload = frame.unmaskedData
        switch frame.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong
        case .connectionClose: return .close(code: try Self.closeCode(payload))
        case .text, .binary:
            guard self.opcode == nil else {
                throw Violation(code: .protocolError, reason: "a message began before the last one ended")
            }
            guard frame.fin else {
                self.opcode = frame.opcode
                try self.append(payload)
                return nil
            }
            return try Self.message(frame.opcode, payload)
        case .continuation:
            guard let opcode = self.opcode else {
                throw Violation(code: .protocolError, reason: "a continuation of nothing")
            }
            try self.append(payload)
            guard frame.fin else { return nil }
            self.opcode = nil
            defer { self.fragments = ByteBuffer() }
            return try Self.message(opcode, self.fragments)
        default:
            throw Violation(code: .protocolError, reason: "a reserved opcode")
        }
    }

    private mutating func append(_ payload: ByteBuffer) throws(Violation) {
        guard self.fragments.readableBytes + payload.readableBytes <= self.messageLimit else {
            throw Violation(code: .tooLarge, reason: "a message may have \(self.messageLimit) bytes at most")
        }
        self.fragments.writeImmutableBuffer(payload)
    }

    private static func message(_ opcode: WebSocketOpcode, _ payload: ByteBuffer) throws(Violation) -> Message {
        guard opcode == .text else { return .binary(payload) }
        guard payload.isValidUTF8 else { throw Violation(code: .invalidUTF8, reason: "invalid UTF-8") }
        return .text(payload)
    }

    /// Section 7.4: 1000–1011 but for three that must not be sent, and 3000–4999.
    private static func closeCode(_ payload: ByteBuffer) throws(Violation) -> UInt16? {
        var payload = payload
        guard payload.readableBytes > 0 else { return nil }
        guard let code = payload.readInteger(as: UInt16.self) else {
            throw Violation(code: .protocolError, reason: "half a close code")
        }
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw Violation(code: .protocolError, reason: "a close code that must not be sent")
        }
        guard payload.isValidUTF8 else { throw Violation(code: .invalidUTF8, reason: "invalid UTF-8") }
        return code
    }
}

extension ByteBuffer {
    var isValidUTF8: Bool {
        self.withUnsafeReadableBytes { bytes in
            // Nearly all of what people write in JSON is ASCII: look for that first, eight bytes at a time.
            var index = 0
            while index + 8 <= bytes.count {
                guard bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 else {
                    return String(validating: bytes[index...], as: UTF8.self) != nil
                }
                index += 8
            }
            return String(validating: bytes[index...], as: UTF8.self) != nil
        }
    }
}
