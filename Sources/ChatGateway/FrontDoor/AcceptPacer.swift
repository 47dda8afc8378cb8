import Logging
import NIOCore

/// Takes connections one by one, with pauses, while many of those that came say nothing.
///
/// A client speaks at once, so few are waited for even when thousands reconnect. Thousands that don't speak would keep
/// the event loops so busy with making connections that all others wait; they wait in the kernel's queue instead.
///
/// Handler of the listening channel, and on its event loop.
final class AcceptPacer: ChannelOutboundHandler {
    typealias OutboundIn = Never

    /// So many handshakes may be open, for each event loop, before connections are taken slowly.
    static let unhurriedPerLoop = 64
    /// Between two connections of a loop, then.
    static let pause = TimeAmount.milliseconds(1)
    /// Connections in a turn of the loop otherwise. NIO takes four; handed on together they cost less. More would hold up
    /// everybody else when thousands come at once.
    private static let unhurriedTurn: UInt = 16
    private static let timeBetweenWarnings = TimeAmount.minutes(1)

    private let handshakes: OpenHandshakes
    private let loops: Int
    private let logger: Logger
    private var isSlow: Bool?
    private var paused: Scheduled<Void>?
    private var nextWarning = NIODeadline.uptimeNanoseconds(0)

    init(_ handshakes: OpenHandshakes, loops: Int, logger: Logger) {
        self.handshakes = handshakes
        self.loops = loops
        self.logger = logger
    }

    func read(context: ChannelHandlerContext) {
        guard self.paused == nil else { return }
        let count = self.handshakes.count
        let isSlow = count > self.loops * Self.unhurriedPerLoop
        self.take(isSlow ? UInt(self.loops) : Self.unhurriedTurn, isSlow: isSlow, context: context)
        guard isSlow else { return context.read() }
        self.warn(count, now: context.eventLoop.now)
        self.paused = context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            self.paused = nil
            context.read()
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.paused?.cancel()
        self.paused = nil
    }

    private func take(_ connections: UInt, isSlow: Bool, context: ChannelHandlerContext) {
        guard self.isSlow != isSlow else { return }
        self.isSlow = isSlow
        try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: connections)
    }

    private func warn(_ count: Int, now: NIODeadline) {
        guard now >= self.nextWarning else { return }
        self.nextWarning = now + Self.timeBetweenWarnings
        self.logger.warning(
            "many connections send no request: new ones are taken slowly", metadata: ["connections": "\(count)"])
    }
}
