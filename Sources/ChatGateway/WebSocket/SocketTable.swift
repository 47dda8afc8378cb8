import ChatCore
import NIOCore

/// The sockets of one event loop's connections, and which of them are clear: nothing waits there, and what is sent may go
/// straight to the kernel (``DirectSocket``). Confined to the event loop.
///
/// A delivery looks at four bytes of each recipient here, instead of at several cache lines of its ``OutboundQueue``, which
/// the kernel's own work has pushed out of the caches since the last one.
final class SocketTable: Broadcaster {
    /// -1: the queue is asked, for something waits there, or the slot is free.
    private var handles: [DirectSocket.Handle] = []
    private var free: [OutputSlot] = []
    private static let busy: DirectSocket.Handle = -1

    /// A slot that is busy until it is said to be clear.
    func add() -> OutputSlot {
        if let slot = self.free.popLast() { return slot }
        guard let index = Int32(exactly: self.handles.count) else { return .none }
        self.handles.append(Self.busy)
        return OutputSlot(index)
    }

    /// The session is in no room any more: another connection may get the slot.
    func remove(_ slot: OutputSlot) {
        guard slot != .none else { return }
        self.setBusy(slot)
        self.free.append(slot)
    }

    func setClear(_ slot: OutputSlot, _ socket: DirectSocket) {
        guard slot != .none else { return }
        self.handles[Int(slot.index)] = socket.handle
    }

    func setBusy(_ slot: OutputSlot) {
        guard slot != .none else { return }
        self.handles[Int(slot.index)] = Self.busy
    }

    func deliver(_ frames: ByteBuffer, to outputs: [any SessionOutput], slots: [OutputSlot]) {
        frames.withUnsafeReadableBytes { bytes in
            for (index, slot) in slots.enumerated() {
                // Read anew for each: sending to one may end another.
                let handle = slot == .none ? Self.busy : self.handles[Int(slot.index)]
                guard handle != Self.busy else {
                    outputs[index].deliver(frames)
                    continue
                }
                let sent = DirectSocket.send(bytes, to: handle)
                if sent < bytes.count { (outputs[index] as? OutboundQueue)?.putBack(frames, sent: sent) }
            }
        }
    }
}

@available(*, unavailable)
extension SocketTable: Sendable {}
