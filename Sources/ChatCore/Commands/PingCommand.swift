import ChatProtocol
import NIOCore

/// A sign of life, for clients that cannot see the server's WebSocket pings.
struct Ping: SessionCommand {
    init(_ fields: FrameFields) throws(FrameError) {}

    func run(in session: Session, id: String?) {
        session.tell(.pong(re: id, at: WallClock.milliseconds() + session.loop.clockSkew))
    }
}
