import ChatProtocol
public import NIOCore

/// Emptying a node: its sessions are asked to move to others, not all at once.
extension SessionLoop {
    /// Tells each session when to connect elsewhere, spread over two thirds of the window: the rest is for the slow.
    public func drain(window: TimeAmount) {
        let spread = max(1, window.nanoseconds / 1_000_000 * 2 / 3)
        for session in self.sessions {
            session.tell(.goaway(reconnectAfter: Int64.random(in: 0..<spread), reason: "the node drains"))
        }
        self.flushList.flush()
    }

    /// Closes the sessions that are still here.
    public func closeAll() {
        for session in self.sessions { session.close(.goingAway, reason: "the node drains") }
        self.flushList.flush()
    }
}
