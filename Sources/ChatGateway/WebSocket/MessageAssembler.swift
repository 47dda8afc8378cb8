package import ChatProtocol
import MessageDeflate
import NIOCore

/// Turns frames into messages and checks what RFC 6455 asks of a client's messages. A value without I/O.
package struct MessageAssembler {
    enum Message: Equatable {
        case text(ByteBuffer)
        case binary(ByteBuffer)
        case ping(ByteBuffer)
        case pong
        /// The peer closes; the code to answer with (section 5.5.1: the same one).
        case close(code: UInt16?)
    }

    package struct Violation: Error, Equatable {
        package var code: CloseCode
        package var reason: String
    }

    /// Bytes of one message, over all its frames.
    let messageLimit: Int
    /// The same of a binary message, if more.
    private let binaryLimit: Int
    /// Inflates compressed messages; `nil`: compression was not agreed on.
    private let inflater: MessageInflater?
    private var begun: (opcode: WebSocketFrame.Opcode, isCompressed: Bool)?
    private var fragments = ByteBuffer()

    init(messageLimit: Int, binaryLimit: Int = 0, inflater: MessageInflater? = nil) {
        self.messageLimit = messageLimit
        self.binaryLimit = max(messageLimit, binaryLimit)
        self.inflater = inflater
    }

    /// - Returns: the message that this frame completes, if any.
    mutating func add(_ frame: WebSocketFrame) throws(Violation) -> Message? {
        // RSV1 marks a compressed message, on its first frame only (RFC 7692, section 6).
        let mayBeCompressed = self.inflater != nil && (frame.opcode == .text || frame.opcode == .binary)
        guard !frame.rsv1 || mayBeCompressed else {
            throw Violation(code: .protocolError, reason: "a reserved bit is set")
        }
        let payload = frame.payload
        switch frame.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong
        case .close: return .close(code: try Self.closeCode(payload))
        case .text, .binary:
            guard self.begun == nil else {
                throw Violation(code: .protocolError, reason: "a message began before the last one ended")
            }
            guard frame.fin else {
                self.begun = (frame.opcode, frame.rsv1)
                try self.append(payload, to: frame.opcode)
                return nil
            }
            try self.check(payload.readableBytes, of: frame.opcode)
            return try self.message(frame.opcode, payload, isCompressed: frame.rsv1)
        case .continuation:
            guard let begun = self.begun else {
                throw Violation(code: .protocolError, reason: "a continuation of nothing")
            }
            try self.append(payload, to: begun.opcode)
            guard frame.fin else { return nil }
            self.begun = nil
            defer { self.fragments = ByteBuffer() }
            return try self.message(begun.opcode, self.fragments, isCompressed: begun.isCompressed)
        }
    }

    private func limit(of opcode: WebSocketFrame.Opcode) -> Int {
        opcode == .binary ? self.binaryLimit : self.messageLimit
    }

    private func tooLarge(_ opcode: WebSocketFrame.Opcode) -> Violation {
        Violation(code: .tooLarge, reason: "a message may have \(self.limit(of: opcode)) bytes at most")
    }

    private func check(_ size: Int, of opcode: WebSocketFrame.Opcode) throws(Violation) {
        guard size <= self.limit(of: opcode) else {
            throw self.tooLarge(opcode)
        }
    }

    private mutating func append(_ payload: ByteBuffer, to opcode: WebSocketFrame.Opcode) throws(Violation) {
        try self.check(self.fragments.readableBytes + payload.readableBytes, of: opcode)
        self.fragments.writeImmutableBuffer(payload)
    }

    private func message(
        _ opcode: WebSocketFrame.Opcode, _ payload: ByteBuffer, isCompressed: Bool
    ) throws(Violation) -> Message {
        let payload = isCompressed ? try self.inflated(payload, opcode) : payload
        guard opcode == .text else { return .binary(payload) }
        guard payload.isValidUTF8 else { throw Violation(code: .invalidUTF8, reason: "invalid UTF-8") }
        return .text(payload)
    }

    private func inflated(_ payload: ByteBuffer, _ opcode: WebSocketFrame.Opcode) throws(Violation) -> ByteBuffer {
        do throws(MessageInflater.Failure) {
            return try self.inflater?.inflate(payload, limit: self.limit(of: opcode)) ?? payload
        } catch {
            switch error {
            case .tooLarge: throw self.tooLarge(opcode)
            case .malformed: throw Violation(code: .protocolError, reason: "a compressed message is not DEFLATE")
            case .outOfMemory: throw Violation(code: .internalError, reason: "no memory to inflate a message")
            }
        }
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
            bytes.isASCII || String(validating: bytes, as: UTF8.self) != nil
        }
    }
}
