import NIOCore

/// A WebSocket frame as a client reads and writes it (RFC 6455, section 5.2).
struct PeerFrame: Equatable {
    var opcode: UInt8
    var payload: ByteBuffer

    static func text(_ text: String) -> PeerFrame { PeerFrame(opcode: 1, payload: ByteBuffer(string: text)) }
    static func pong(_ text: String) -> PeerFrame { PeerFrame(opcode: 10, payload: ByteBuffer(string: text)) }

    var closeCode: UInt16? {
        opcode == 8 ? payload.getInteger(at: payload.readerIndex) : nil
    }

    /// The first whole frame of what a server sent; `nil` where it is cut off or is none of a server's.
    static func next(_ bytes: inout ByteBuffer) -> PeerFrame? {
        var cursor = bytes
        guard let first: UInt8 = cursor.readInteger(), first & 0xF0 == 0x80, let short: UInt8 = cursor.readInteger(),
            short & 0x80 == 0
        else { return nil }
        let length: Int? =
            switch short {
            case 126: cursor.readInteger(as: UInt16.self).map { Int($0) }
            case 127: cursor.readInteger(as: UInt64.self).map { Int($0) }
            default: Int(short)
            }
        guard let length, let payload = cursor.readSlice(length: length) else { return nil }
        bytes = cursor
        return PeerFrame(opcode: first & 0x0F, payload: payload)
    }

    /// The bytes of a masked frame from a client.
    static func bytes(
        opcode: UInt8, _ payload: [UInt8], fin: Bool = true, masked: Bool = true, reserved: UInt8 = 0
    ) -> [UInt8] {
        let mask: [UInt8] = [1, 2, 3, 4]
        var bytes: [UInt8] = [(fin ? 0x80 : 0) | reserved | opcode]
        let maskBit: UInt8 = masked ? 0x80 : 0
        switch payload.count {
        case ..<126: bytes.append(maskBit | UInt8(payload.count))
        case ..<65_536: bytes += [maskBit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default:
            bytes.append(maskBit | 127)
            bytes += (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        }
        guard masked else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
    }
}
