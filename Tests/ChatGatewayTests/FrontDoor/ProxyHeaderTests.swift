import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import ChatGateway

@Suite struct ProxyHeaderTests {
    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

    private static func block(_ command: UInt8, _ family: UInt8, _ rest: [UInt8]) -> [UInt8] {
        signature + [command, family, UInt8(rest.count >> 8), UInt8(rest.count & 0xFF)] + rest
    }

    private static let wellFormed: [(bytes: [UInt8], address: String?)] = [
        (Array("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n".utf8), "192.0.2.1"),
        (Array("PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n".utf8), "2001:db8::1"),
        (Array("PROXY UNKNOWN\r\n".utf8), nil),
        (Array("PROXY UNKNOWN ffff:f 1 2 3\r\n".utf8), nil),
        (block(0x21, 0x11, [192, 0, 2, 1, 1, 2, 3, 4, 0, 1, 0, 2]), "192.0.2.1"),
        (block(0x21, 0x11, [192, 0, 2, 1, 1, 2, 3, 4, 0, 1, 0, 2, 4, 0, 1, 9]), "192.0.2.1"),
        (
            block(
                0x21, 0x21,
                [0x20, 1, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1] + [UInt8](repeating: 7, count: 20)),
            "2001:db8::1"
        ),
        (block(0x20, 0x00, []), nil),
        (block(0x21, 0x31, [UInt8](repeating: 0, count: 216)), nil),
    ]

    @Test(arguments: wellFormed.indices)
    func readsWholeHeadersOnly(_ index: Int) {
        let (bytes, text) = Self.wellFormed[index]
        for count in 0..<bytes.count {
            var part = ByteBuffer(bytes: bytes.prefix(count))
            #expect(ProxyHeader.read(&part) == .incomplete, "\(count)")
            #expect(part.readableBytes == count)
        }
        var whole = ByteBuffer(bytes: bytes + [1, 2, 3])
        #expect(ProxyHeader.read(&whole) == .address(text.flatMap { ClientAddress($0) }))
        #expect(whole == ByteBuffer(bytes: [1, 2, 3]))
    }

    private static let malformed: [[UInt8]] =
        [
            "GET / HTTP/1.1\r\n", "PROXX", "PROXY TCP4 192.0.2.1 198.51.100.1 1 2\n",
            "PROXY TCP4 2001:db8::1 ::1 1 2\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 1 65536\r\n", "PROXY TCP4 192.0.2.1  198.51.100.1 1 2\r\n", "PROXY \r\n",
            "PROXY UDP4 192.0.2.1 198.51.100.1 1 2\r\n", "PROXY UNKNOWN " + String(repeating: "x", count: 200),
        ].map { Array($0.utf8) } + [
            block(0x11, 0x11, [UInt8](repeating: 0, count: 12)), block(0x22, 0x11, []), block(0x21, 0x11, [1, 2, 3]),
            block(0x21, 0x21, [UInt8](repeating: 0, count: 35)), signature + [0x21, 0x11, 0xFF, 0xFF],
        ]

    @Test(arguments: malformed.indices)
    func refusesOthers(_ index: Int) {
        var buffer = ByteBuffer(bytes: Self.malformed[index])
        #expect(ProxyHeader.read(&buffer) == .malformed)
    }

    /// Changed headers and noise: never more than an answer.
    @Test func noiseIsHarmless() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<20_000 {
            var bytes = Self.wellFormed[Int.random(in: 0..<Self.wellFormed.count, using: &random)].bytes
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            var buffer = ByteBuffer(bytes: bytes)
            let before = buffer.readableBytes
            if case .address = ProxyHeader.read(&buffer) {
                #expect(buffer.readableBytes < before)
            } else {
                #expect(buffer.readableBytes == before)
            }
        }
    }

    @Test func whatFollowsTheHeaderIsForTheHandlersBehind() throws {
        let channel = EmbeddedChannel()
        let origin = ConnectionOrigin(channel, door: FrontDoor(FrontDoorConfiguration()))
        try channel.pipeline.syncOperations.addHandler(ProxyHeaderHandler(origin))
        let bytes = Array("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\nGET".utf8)
        for byte in bytes { try channel.writeInbound(ByteBuffer(bytes: [byte])) }
        #expect(origin.peer == ClientAddress("192.0.2.1"))
        var after = ByteBuffer()
        while var part = try channel.readInbound(as: ByteBuffer.self) { after.writeBuffer(&part) }
        #expect(String(buffer: after) == "GET")
        _ = try channel.finish()
    }
}
