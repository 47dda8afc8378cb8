public import ChatProtocol
public import NIOCore

/// The language a session speaks: how what comes in is read, and how what goes out is said.
public protocol SessionDialect: AnyObject {
    var encoding: FrameEncoding { get }

    /// The connection is ready.
    func begin(_ session: Session)

    /// A text message came in.
    func receive(_ text: ByteBuffer, session: Session)

    /// A binary message came in.
    func receiveBinary(_ bytes: ByteBuffer, session: Session)

    /// A frame for this session alone, as the messages that say it; none when the dialect has no words for it.
    func messages(for frame: ServerFrame, session: Session) -> [ByteBuffer]
}

/// Protocol version 1: a JSON object a text message. Without state, so one serves all sessions of a loop.
public final class FrameDialect: SessionDialect {
    public let encoding: FrameEncoding

    public init(encoding: FrameEncoding = .webSocket) {
        self.encoding = encoding
    }

    public func begin(_ session: Session) {}

    public func receive(_ text: ByteBuffer, session: Session) {
        do throws(ClientFrame.Failure) {
            session.receive(try ClientFrame.decode(text))
        } catch {
            session.refuse(error.error, re: error.id)
        }
    }

    public func receiveBinary(_ bytes: ByteBuffer, session: Session) {
        do throws(FrameError) {
            session.receive(try AttachmentHeader(bytes).frame)
        } catch {
            session.refuse(error, re: nil)
        }
    }

    public func messages(for frame: ServerFrame, session: Session) -> [ByteBuffer] {
        [frame.encoded()]
    }
}
