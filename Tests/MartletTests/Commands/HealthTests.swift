import NIOCore
import NIOPosix
import Testing

@testable import martlet

struct HealthTests {
    @Test func targets() async throws {
        #expect(try HealthTarget(url: "http://h:1/a?b=c").url == "http://h:1/a?b=c")
        #expect(try HealthTarget(url: "http://h").url == "http://h:80/")
        #expect(try HealthTarget(url: "http://[::1]:2/x").authority == "[::1]:2")
        #expect(try HealthTarget(url: "https://h").url == "https://h:443/")
        for url in ["ftp://h", "h", "http://", "http://h:0/", "http://h:70000/", "http://u:p@h/"] {
            #expect(throws: UserFacingError.self) { try HealthTarget(url: url) }
        }
        let everywhere = try await SettingsReader(
            flags: [:],
            environment: ["MARTLET_HOST": "0.0.0.0", "MARTLET_PORT": "81"]
        )
        #expect(try HealthTarget(settings: everywhere).url == "http://127.0.0.1:81/readyz")
        let anyPort = try await SettingsReader(flags: [:], environment: ["MARTLET_PORT": "0"])
        #expect(throws: UserFacingError.self) { try HealthTarget(settings: anyPort) }
    }

    @Test(arguments: [200, 503])
    func theStatusIsTold(status: Int) async throws {
        try await withServer(answer: "HTTP/1.1 \(status) X\r\ncontent-length: 2\r\n\r\nok") { target in
            let told = try await HealthRequest.status(of: target, within: .seconds(10))
            #expect(told == status)
        }
    }

    @Test(arguments: ["", "nonsense\r\n\r\n"])
    func noRightAnswerIsAnError(answer: String) async throws {
        try await withServer(answer: answer) { target in
            let error = await #expect(throws: UserFacingError.self) {
                try await HealthRequest.status(of: target, within: .milliseconds(300))
            }
            #expect(error?.message.contains("gives no answer") == true)
        }
    }

    /// A server that answers each connection with `answer` once a request came in; with nothing for "".
    private func withServer(answer: String, _ body: (HealthTarget) async throws -> Void) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FixedAnswer(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        do {
            try await body(try HealthTarget(url: "http://127.0.0.1:\(port)/readyz"))
        } catch {
            try await server.close()
            throw error
        }
        try await server.close()
    }
}

private final class FixedAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let answer: String

    init(_ answer: String) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !answer.isEmpty else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
    }
}
