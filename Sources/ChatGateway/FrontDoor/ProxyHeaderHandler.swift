import NIOCore

/// Takes the PROXY header off the beginning of a connection; what follows it is for the handlers behind.
final class ProxyHeaderHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let origin: ConnectionOrigin
    private var waiting = ByteBuffer()

    init(_ origin: ConnectionOrigin) {
        self.origin = origin
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.waiting.writeImmutableBuffer(self.unwrapInboundIn(data))
        switch ProxyHeader.read(&self.waiting) {
        case .incomplete: return
        case .malformed: context.close(promise: nil)
        case .address(let address):
            if let address { self.origin.peer = address }
            guard self.origin.admitPeer(context.channel) else { return context.close(promise: nil) }
            if self.waiting.readableBytes > 0 { context.fireChannelRead(self.wrapInboundOut(self.waiting)) }
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
    }
}
