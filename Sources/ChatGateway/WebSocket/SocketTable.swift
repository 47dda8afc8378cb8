import ChatCore
import NIOCore

/// The sockets of one event loop's connections, and which of them are clear: nothing waits there, and what is sent may go
/// straight to the kernel (``DirectSocket``). Confined to the event loop.
///
/// A delivery looks at eight bytes of each recipient here, instead of at several cache lines of its ``OutboundQueue``, which
/// the kernel's own work has pushed out of the caches since the last one.
final class SocketTable: Broadcaster {
    private struct Row {
        /// ``busy``: the queue is asked, for something waits there, or the slot is free.
        var handle = SocketTable.busy
        /// Of the slot that is in use; those given before it are no more.
        var generation: UInt32 = 0
    }

    private static let busy: DirectSocket.Handle = -1

    private var rows: [Row] = []
    private var free: [Int32] = []

    /// A slot that is busy until it is said to be clear.
    func add() -> OutputSlot {
        if let index = self.free.popLast() {
            return OutputSlot(index: index, generation: self.rows[Int(index)].generation)
        }
        guard let index = Int32(exactly: self.rows.count) else { return .none }
        self.rows.append(Row())
        return OutputSlot(index: index, generation: 0)
    }

    /// The connection has ended: another one may get the place. Where the slot is still known, its queue is asked.
    func remove(_ slot: OutputSlot) {
        guard self.isCurrent(slot) else { return }
        self.rows[Int(slot.index)] = Row(generation: slot.generation &+ 1)
        self.free.append(slot.index)
    }

    func setClear(_ slot: OutputSlot, _ socket: DirectSocket) {
        guard self.isCurrent(slot) else { return }
        self.rows[Int(slot.index)].handle = socket.handle
    }

    func setBusy(_ slot: OutputSlot) {
        guard self.isCurrent(slot) else { return }
        self.rows[Int(slot.index)].handle = Self.busy
    }

    private func isCurrent(_ slot: OutputSlot) -> Bool {
        slot != .none && self.rows[Int(slot.index)].generation == slot.generation
    }

    func deliver(_ frames: ByteBuffer, to slots: [OutputSlot], outputs: () -> [any SessionOutput]) {
        frames.withUnsafeReadableBytes { bytes in
            for (index, slot) in slots.enumerated() {
                // Read anew for each: sending to one may end another.
                let row = slot == .none ? Row() : self.rows[Int(slot.index)]
                guard row.handle != Self.busy, row.generation == slot.generation else {
                    outputs()[index].deliver(frames)
                    continue
                }
                let sent = DirectSocket.send(bytes, to: row.handle)
                if sent < bytes.count { (outputs()[index] as? OutboundQueue)?.putBack(frames, sent: sent) }
            }
        }
    }
}

@available(*, unavailable)
extension SocketTable: Sendable {}
