import ChatGateway
import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

/// The whole port: handshake, refusals, messages, violations, over real connections.
@Suite struct EchoServerTests {
    private static let handshake = [
        "Host: x", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]

    /// Runs `body` with the port of a server that is stopped afterwards.
    private func withServer(
        sendsDirectly: Bool = true, _ body: @escaping @Sendable (Int) throws -> Void
    ) async throws {
        let configuration = GatewayConfiguration(
            port: 0, messageLimit: 100_000, outbound: .init(byteLimit: 1 << 20, sendsDirectly: sendsDirectly))
        let (ports, running) = AsyncStream.makeStream(of: Int.self)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let service = ChatServer.echo(
            configuration: configuration, on: MultiThreadedEventLoopGroup.singleton, logger: logger
        ) { address in running.yield(address?.port ?? 0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await service.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            try await RawSocket.threads.runIfActive { try body(port) }
            group.cancelAll()
        }
    }

    private static func connect(_ port: Int) throws -> RawSocket {
        let socket = try RawSocket(port: port)
        try socket.send(Array((["GET /any HTTP/1.1"] + handshake + ["", ""]).joined(separator: "\r\n").utf8))
        let head = try socket.readHead()
        #expect(head.hasPrefix("HTTP/1.1 101 "))
        #expect(head.lowercased().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"))
        return socket
    }

    @Test(arguments: [
        ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8"], ["dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ="],
        ["dGhlIHNhbXBsZSBub25jZQ==", "%%%"], ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "X-None: 1"],
        ["X", "X"], ["Upgrade: websocket", "Upgrade: h2c"], ["Connection: Upgrade", "Connection: keep-alive"],
    ])
    func aHandshakeThatIsNoneIsAnswered(_ change: [String]) async throws {
        try await withServer { port in
            let socket = try RawSocket(port: port)
            var lines = Self.handshake
            lines = lines.map { line in
                guard let range = line.range(of: change[0]) else { return line }
                return line.replacingCharacters(in: range, with: change[1])
            }
            if change[0] == "X" { lines.append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==") }
            try socket.send(Array((["GET / HTTP/1.1"] + lines + ["", ""]).joined(separator: "\r\n").utf8))
            let head = try socket.readHead()
            #expect(head.hasPrefix("HTTP/1.1 4"), "\(head)")
        }
    }

    @Test(arguments: [true, false])
    func messagesComeBack(sendsDirectly: Bool) async throws {
        try await withServer(sendsDirectly: sendsDirectly) { port in
            let socket = try Self.connect(port)
            let long = [UInt8](repeating: 0x7A, count: 99_999)
            try socket.send(
                PeerFrame.bytes(opcode: 1, Array("one".utf8)) + PeerFrame.bytes(opcode: 9, [1, 2])
                    + PeerFrame.bytes(opcode: 1, Array("t".utf8), fin: false)
                    + PeerFrame.bytes(opcode: 9, []) + PeerFrame.bytes(opcode: 0, Array("wo".utf8))
                    + PeerFrame.bytes(opcode: 2, long) + PeerFrame.bytes(opcode: 8, [0x0F, 0xA0])
            )
            let (frames, rest) = try socket.readToEnd()
            #expect(rest == 0)
            #expect(frames.map(\.opcode) == [1, 10, 10, 1, 2, 8])
            #expect(frames[0] == .text("one") && frames[3] == .text("two"))
            #expect(frames[1].payload == ByteBuffer(bytes: [1, 2]))
            #expect(frames[4].payload == ByteBuffer(bytes: long))
            #expect(frames[5].closeCode == 4_000)
        }
    }

    private static let violations: [(bytes: [UInt8], code: UInt16)] = [
        (PeerFrame.bytes(opcode: 1, [0x61], masked: false), 1002),
        (PeerFrame.bytes(opcode: 1, [0x61], reserved: 0x40), 1002),
        (PeerFrame.bytes(opcode: 3, []), 1002),
        (PeerFrame.bytes(opcode: 0, [0x61]), 1002),
        (PeerFrame.bytes(opcode: 9, [], fin: false), 1002),
        (PeerFrame.bytes(opcode: 9, [UInt8](repeating: 0, count: 126)), 1002),
        (PeerFrame.bytes(opcode: 8, [3, 0xED]), 1002),
        (PeerFrame.bytes(opcode: 1, [0xC3, 0x28]), 1007),
        (Array(PeerFrame.bytes(opcode: 1, [UInt8](repeating: 0x61, count: 100_001)).prefix(14)), 1009),
        ([0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], 1009),
        ([0x81, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4], 1009),
    ]

    @Test(arguments: violations.indices)
    func violationsCloseWithTheirCode(_ index: Int) async throws {
        let (bytes, code) = Self.violations[index]
        try await withServer { port in
            let socket = try Self.connect(port)
            try socket.send(PeerFrame.bytes(opcode: 1, Array("before".utf8)) + bytes)
            let (frames, rest) = try socket.readToEnd()
            #expect(rest == 0)
            #expect(frames.first == .text("before"))
            #expect(frames.count == 2)
            #expect(frames.last?.closeCode == code)
        }
    }
}
