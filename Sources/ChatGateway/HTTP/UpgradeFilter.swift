import NIOCore
import NIOHTTP1

/// Lets only handshakes through that will be accepted; others go on as the plain requests they then are.
///
/// NIO's upgrade handler drops the head of a request whose upgrade was refused, so nobody could answer it: a request to
/// be refused must not look like an upgrade to it. Looks at a connection's first request only; no other can upgrade.
final class UpgradeFilter: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    private let acceptor: any WebSocketAcceptor
    private let origin: ConnectionOrigin

    init(_ acceptor: any WebSocketAcceptor, origin: ConnectionOrigin) {
        self.acceptor = acceptor
        self.origin = origin
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = self.unwrapInboundIn(data), head.headers.contains(name: "Upgrade") else {
            return context.fireChannelRead(data)
        }
        self.origin.handshake = self.answer(to: head)
        if self.origin.handshake == nil { head.headers.remove(name: "Upgrade") }
        context.fireChannelRead(self.wrapInboundOut(.head(head)))
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// What is no HTTP has been answered with 400; nothing that follows it can be read.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// The headers that say that the handshake is accepted, besides those of every upgrade; `nil`: it is not.
    private func answer(to head: HTTPRequestHead) -> HTTPHeaders? {
        guard WebSocketHandshake.isUpgrade(head.headers),
            let acceptValue = try? WebSocketHandshake.acceptValue(head.headers)
        else { return nil }
        var headers = HTTPHeaders()
        do {
            try self.acceptor.accept(head, from: self.origin, headers: &headers)
        } catch {
            self.origin.refusal = error as? Refusal
            return nil
        }
        headers.add(name: "Sec-WebSocket-Accept", value: acceptValue)
        return headers
    }
}
