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
        if !self.isAcceptable(head) { head.headers.remove(name: "Upgrade") }
        context.fireChannelRead(self.wrapInboundOut(.head(head)))
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    /// What is no HTTP has been answered with 400; nothing that follows it can be read.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func isAcceptable(_ head: HTTPRequestHead) -> Bool {
        let connection = head.headers[canonicalForm: "Connection"].map { $0.lowercased() }
        let upgrade = head.headers[canonicalForm: "Upgrade"].map { $0.lowercased() }
        var headers = HTTPHeaders()
        guard connection.contains("upgrade"), upgrade == ["websocket"],
            (try? WebSocketHandshake.acceptValue(head.headers)) != nil
        else { return false }
        do {
            try self.acceptor.accept(head, from: self.origin, headers: &headers)
            return true
        } catch {
            self.origin.refusal = error as? Refusal
            return false
        }
    }
}
