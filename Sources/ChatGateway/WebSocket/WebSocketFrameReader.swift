import ChatProtocol
package import NIOCore

/// Cuts what a client sends into frames (RFC 6455, section 5.2), and unmasks them. A value without I/O.
///
/// Every message of a client passes here, which is why it is ours (docs/decisions/0021).
package struct WebSocketFrameReader {
    /// Bytes of one frame's payload.
    private let payloadLimit: Int
    private let memory: PayloadMemory
    /// What came and is no whole frame yet: at most one, and what its read brought behind it.
    private var bytes = ByteBuffer()
    /// `bytes` are the channel's own, not a copy.
    private var isBorrowed = false

    /// - Parameter memory: what the readers of an event loop share.
    package init(payloadLimit: Int, memory: PayloadMemory = PayloadMemory()) {
        self.payloadLimit = payloadLimit
        self.memory = memory
    }

    /// Adds what one read brought. Take all frames with ``next()``, then say ``endRead()``.
    package mutating func append(_ read: ByteBuffer) {
        if self.bytes.readableBytes == 0 {
            self.bytes = read
            self.isBorrowed = true
        } else {
            self.bytes.writeImmutableBuffer(read)
        }
    }

    /// - Returns: `nil` when the next frame is not complete.
    /// - Throws: as soon as it shows, without waiting for the rest of the frame. Nothing that follows can be read then.
    package mutating func next() throws(MessageAssembler.Violation) -> WebSocketFrame? {
        let found = try self.bytes.withUnsafeReadableBytes { bytes throws(MessageAssembler.Violation) in
            try self.frame(bytes)
        }
        guard let (frame, length) = found else { return nil }
        self.bytes.moveReaderIndex(forwardBy: length)
        return frame
    }

    /// All frames have been taken: gives the channel its memory back, and keeps no more than the beginning of a frame.
    package mutating func endRead() {
        if self.bytes.readableBytes == 0 {
            self.bytes = ByteBuffer()
        } else if self.isBorrowed {
            self.bytes = ByteBuffer(bytes: self.bytes.readableBytesView)
        } else {
            self.bytes.discardReadBytes()
        }
        self.isBorrowed = false
    }

    private func frame(
        _ bytes: UnsafeRawBufferPointer
    ) throws(MessageAssembler.Violation) -> (WebSocketFrame, length: Int)? {
        guard bytes.count >= 2 else { return nil }
        let (first, second) = (bytes[0], bytes[1])
        guard first & 0x30 == 0 else { throw .init(code: .protocolError, reason: "a reserved bit is set") }
        guard let opcode = WebSocketFrame.Opcode(rawValue: first & 0x0F) else {
            throw .init(code: .protocolError, reason: "a reserved opcode")
        }
        guard second & 0x80 != 0 else {
            throw .init(code: .protocolError, reason: "a client's frames must be masked")
        }
        let fin = first & 0x80 != 0
        if opcode.isControl, !fin || second & 0x7F > 125 {
            throw .init(code: .protocolError, reason: "a control frame that is too long, or a fragment")
        }
        guard let (length, header) = Self.length(bytes) else { return nil }
        guard length <= UInt64(self.payloadLimit) else {
            throw .init(code: .tooLarge, reason: "the frame is too large")
        }
        // The limit is an Int, so the length is.
        let (end, count) = (header + 4 + Int(length), Int(length))
        guard bytes.count >= end else { return nil }
        var frame = WebSocketFrame(opcode: opcode, fin: fin, rsv1: first & 0x40 != 0)
        if count > 0 {
            let key = bytes.loadUnaligned(fromByteOffset: header, as: UInt32.self)
            let masked = UnsafeRawBufferPointer(rebasing: bytes[(header + 4)..<end])
            // What is no text may be kept for longer than it takes to read it.
            frame.payload = self.memory.buffer(of: count, isPassing: opcode == .text) { target in
                Self.unmask(masked, key: key, into: target)
            }
        }
        return (frame, end)
    }

    /// The payload's length, in 7, 16 or 64 bits, and the bytes before the mask; `nil` when they are not all there.
    private static func length(_ bytes: UnsafeRawBufferPointer) -> (UInt64, header: Int)? {
        switch bytes[1] & 0x7F {
        case 126:
            guard bytes.count >= 4 else { return nil }
            return (UInt64(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))), 4)
        case 127:
            guard bytes.count >= 10 else { return nil }
            return (UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self)), 10)
        case let short:
            return (UInt64(short), 2)
        }
    }

    /// Section 5.3, eight bytes at a time. `target` is large enough; the key is as it lies in memory.
    private static func unmask(
        _ masked: UnsafeRawBufferPointer, key: UInt32, into target: UnsafeMutableRawBufferPointer
    ) {
        let key = UInt64(key) << 32 | UInt64(key)
        var index = 0
        while index + 8 <= masked.count {
            let word = masked.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            target.storeBytes(of: word ^ key, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        withUnsafeBytes(of: key) { key in
            for rest in index..<masked.count { target[rest] = masked[rest] ^ key[rest - index] }
        }
    }
}
