public import ChatCore
public import NIOCore

/// What a WebSocket connection brings in, on its event loop: whole messages, in order.
public protocol WebSocketReceiver: AnyObject {
    func begin()
    func receive(text: ByteBuffer)
    func receive(binary: ByteBuffer)
    func receivePong()
    /// All that one read brought was received.
    func receivedAll()
    /// The connection ended, from whichever side. Called once, or more often.
    func end()
}

extension Session: WebSocketReceiver {}
