public import NIOCore

/// An IP address without a port. An IPv4 address is kept as IPv6 maps it, so both forms of one are the same.
public struct ClientAddress: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    private static let mappedPrefix: UInt64 = 0xFFFF << 32

    init(bytes: some Collection<UInt8>) {
        let words = bytes.enumerated().reduce(into: (UInt64(0), UInt64(0))) { words, item in
            if item.offset < 8 { words.0 = words.0 << 8 | UInt64(item.element) }
            if item.offset >= 8 { words.1 = words.1 << 8 | UInt64(item.element) }
        }
        (self.high, self.low) = words
    }

    init(v4: UInt32) {
        self.high = 0
        self.low = Self.mappedPrefix | UInt64(v4)
    }

    /// `nil` for a unix socket's.
    public init?(_ address: SocketAddress?) {
        guard let address, address.protocol == .inet || address.protocol == .inet6 else { return nil }
        // Where both systems that NIO runs on have the address within their structures.
        let place = address.protocol == .inet ? 4..<8 : 8..<24
        let bytes = address.withSockAddr { pointer, size in
            Array(UnsafeRawBufferPointer(start: pointer, count: size)[place])
        }
        self.init(bytes: address.protocol == .inet ? [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + bytes : bytes)
    }

    /// Reads `192.0.2.1` or `2001:db8::1`; the latter in brackets, too.
    public init?(_ text: some StringProtocol) {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        let bare = isBracketed ? String(text.dropFirst().dropLast()) : String(text)
        // A zone names an interface of whoever wrote it.
        guard !bare.contains("%"), let address = try? SocketAddress(ipAddress: bare, port: 0) else { return nil }
        self.init(address)
    }

    var isV4: Bool { self.high == 0 && self.low >> 32 == 0xFFFF }

    /// What limits count: an IPv6 customer has a whole /64 to choose addresses from.
    var customer: ClientAddress { self.isV4 ? self : self.masked(bits: 64) }

    func masked(bits: Int) -> ClientAddress {
        ClientAddress(
            high: bits >= 64 ? self.high : self.high & ~(UInt64.max >> UInt64(bits)),
            low: bits >= 128 ? self.low : bits <= 64 ? 0 : self.low & ~(UInt64.max >> UInt64(bits - 64))
        )
    }

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    public var description: String {
        if self.isV4 { return (0..<4).map { String(self.low >> (24 - 8 * $0) & 0xFF) }.joined(separator: ".") }
        let groups = [self.high, self.low].flatMap { word in (0..<4).map { word >> (48 - 16 * $0) & 0xFFFF } }
        return groups.map { String($0, radix: 16) }.joined(separator: ":")
    }
}

/// Addresses that begin alike: `10.0.0.0/8`.
public struct AddressRange: Hashable, Sendable {
    private let base: ClientAddress
    private let bits: Int

    /// Reads an address, or one with the number of bits that count.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ ClientAddress($0) }) else { return nil }
        var bits = 128
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = Int(parts[1]),
                given <= (address.isV4 ? 32 : 128)
            else { return nil }
            bits = address.isV4 ? 96 + given : given
        }
        self.base = address.masked(bits: bits)
        self.bits = bits
    }

    func contains(_ address: ClientAddress) -> Bool {
        address.masked(bits: self.bits) == self.base
    }

    /// This machine.
    public static let loopback = ["127.0.0.0/8", "::1"].compactMap { AddressRange($0) }
    /// Networks that are not part of the Internet (RFC 1918, RFC 4193, link-local), this machine included.
    public static let privateNetworks =
        Self.loopback
        + ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"]
        .compactMap { AddressRange($0) }
}
