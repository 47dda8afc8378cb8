internal import NIOCore

/// Collects the commands of one loop turn and sends them in one write. Confined to the channel's event loop.
final class CommandWriter {
    private let channel: any Channel
    private var output: ByteBuffer
    private var flushIsScheduled = false

    init(channel: any Channel) {
        self.channel = channel
        self.output = channel.allocator.buffer(capacity: 1024)
    }

    /// - Returns: the command's length in bytes; `nil` when it has no argument.
    func write(_ arguments: [RedisArgument]) -> Int? {
        guard let length = CommandFormatter.append(arguments, to: &output) else { return nil }
        flushSoon()
        return length
    }

    /// The same for a command that is written argument by argument: see ``CommandFormatter``.
    func write(count: Int, byteLimit: Int, _ write: (inout CommandCursor) -> Void) -> Int? {
        guard let length = CommandFormatter.append(count: count, byteLimit: byteLimit, to: &output, write) else {
            return nil
        }
        flushSoon()
        return length
    }

    private func flushSoon() {
        guard !flushIsScheduled else { return }
        flushIsScheduled = true
        channel.eventLoop.assumeIsolated().execute { self.flush() }
    }

    func flush() {
        flushIsScheduled = false
        guard output.readableBytes > 0 else { return }
        let ready = output
        // The next turn may have as much to say: growing to it step by step copies it several times.
        output = channel.allocator.buffer(capacity: min(max(1024, ready.readableBytes), 65_536))
        // A failed write also ends the connection, which is where pending commands learn of it.
        channel.writeAndFlush(ready, promise: nil)
    }
}
