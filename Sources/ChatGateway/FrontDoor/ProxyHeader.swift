import NIOCore

/// The line or block that a proxy puts in front of a connection to say whose it is (the PROXY protocol, versions 1 and
/// 2). A value without I/O.
enum ProxyHeader: Equatable {
    /// `nil`: the proxy's own connection, or one whose address it does not know.
    case address(ClientAddress?)
    case incomplete
    case malformed

    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]
    /// A line of version 1 has 107 bytes at most.
    private static let lineLimit = 107
    /// Bytes behind the fixed part of version 2: addresses, and extensions that we pass over.
    private static let blockLimit = 2_048

    /// Reads the header and moves the reader index behind it; leaves it where it is unless there is a whole one.
    static func read(_ buffer: inout ByteBuffer) -> ProxyHeader {
        let start = buffer.readableBytesView.prefix(Self.signature.count)
        if start.elementsEqual(Self.signature) { return self.readBlock(&buffer) }
        if Self.signature.starts(with: start) { return .incomplete }
        return self.readLine(&buffer)
    }

    /// `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n`
    private static func readLine(_ buffer: inout ByteBuffer) -> ProxyHeader {
        let bytes = buffer.readableBytesView.prefix(Self.lineLimit)
        let keyword = "PROXY ".utf8
        guard bytes.prefix(keyword.count).elementsEqual(keyword.prefix(bytes.count)) else { return .malformed }
        guard let end = bytes.firstIndex(of: 0x0A) else {
            return bytes.count < Self.lineLimit ? .incomplete : .malformed
        }
        guard end > bytes.startIndex, bytes[end - 1] == 0x0D else { return .malformed }
        let words = String(decoding: bytes[..<(end - 1)], as: UTF8.self)
            .split(separator: " ", omittingEmptySubsequences: false)
        let address: ClientAddress?
        switch words.dropFirst().first {
        case "UNKNOWN": address = nil
        case "TCP4", "TCP6":
            guard words.count == 6, let client = ClientAddress(words[2]), ClientAddress(words[3]) != nil,
                UInt16(words[4]) != nil, UInt16(words[5]) != nil, client.isV4 == (words[1] == "TCP4")
            else { return .malformed }
            address = client
        default: return .malformed
        }
        buffer.moveReaderIndex(to: end + 1)
        return .address(address)
    }

    private static func readBlock(_ buffer: inout ByteBuffer) -> ProxyHeader {
        var block = buffer
        block.moveReaderIndex(forwardBy: Self.signature.count)
        guard let (command, family, length) = block.readMultipleIntegers(as: (UInt8, UInt8, UInt16).self) else {
            return .incomplete
        }
        guard command >> 4 == 2, command & 0x0F <= 1, Int(length) <= Self.blockLimit else { return .malformed }
        guard var rest = block.readSlice(length: Int(length)) else { return .incomplete }
        var address: ClientAddress?
        // LOCAL (0) is the proxy itself, such as its health check.
        if command & 0x0F == 1 {
            switch family {
            case 0x11:
                guard rest.readableBytes >= 12, let v4 = rest.readInteger(as: UInt32.self) else { return .malformed }
                address = ClientAddress(v4: v4)
            case 0x21:
                guard rest.readableBytes >= 36, let bytes = rest.readBytes(length: 16) else { return .malformed }
                address = ClientAddress(bytes: bytes)
            default: break
            }
        }
        buffer = block
        return .address(address)
    }
}
