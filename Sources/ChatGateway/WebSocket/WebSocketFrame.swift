package import NIOCore

/// One frame from a client (RFC 6455, section 5.2), its payload unmasked.
package struct WebSocketFrame: Equatable {
    /// The kinds of frames that there are.
    package enum Opcode: UInt8 {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        /// Control frames may come between the fragments of a message, and are never fragments themselves.
        var isControl: Bool { self.rawValue & 0x8 != 0 }
    }

    package var opcode: Opcode
    /// The last, or only, frame of its message.
    package var fin = true
    /// A reserved bit; compression marks its messages with it (RFC 7692, section 6).
    package var rsv1 = false
    package var payload = ByteBuffer()
}
