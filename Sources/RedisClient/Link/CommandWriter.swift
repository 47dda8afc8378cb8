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
        if !flushIsScheduled {
            flushIsScheduled = true
            channel.eventLoop.assumeIsolated().execute { self.flush() }
        }
        return length
    }

    func flush() {
        flushIsScheduled = false
        guard output.readableBytes > 0 else { return }
        let ready = output
        output = channel.allocator.buffer(capacity: 1024)
        // A failed write also ends the connection, which is where pending commands learn of it.
        channel.writeAndFlush(ready, promise: nil)
    }
}
