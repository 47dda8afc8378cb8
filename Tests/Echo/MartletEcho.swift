import ArgumentParser
import ChatCore
import ChatGateway
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// `martlet-echo --port N`: a WebSocket server on loopback that sends every message back.
@main
struct MartletEcho: AsyncParsableCommand {
    @Option(help: "The TCP port on 127.0.0.1; 0 takes any free one.")
    var port = 9001

    @Option(help: "The largest message, in bytes. Conformance cases go to 16 MiB.")
    var limit = 17 << 20

    @Flag(help: "Write through NIO only, not beside it.")
    var noDirectSend = false

    @Flag(help: "Take up permessage-deflate, and compress every message that gets shorter by it.")
    var compress = false

    func run() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let configuration = GatewayConfiguration(
            port: self.port,
            messageLimit: self.limit,
            outbound: OutboundConfiguration(byteLimit: 4 * self.limit, sendsDirectly: !self.noDirectSend),
            compresses: self.compress
        )
        let service = ChatServer.echo(
            configuration: configuration,
            compression: .init(threshold: 0),
            on: group,
            logger: Logger(label: "echo")
        ) { address in
            print("listening on \(address?.port ?? 0)")
        }
        try await service.run()
    }
}
