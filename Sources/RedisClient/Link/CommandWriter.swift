internal import NIOCore

/// Collects the commands of one loop turn and sends them in one write; in several, when they are many. Confined to the
/// channel's event loop.
final class CommandWriter {
    /// With so many bytes nothing is gained by waiting for more, a hundred commands; and the memory they are written to is
    /// small enough to stay in the cache.
    private static let writeBytes = 49_152
    /// What a command longer than this took is given back.
    private static let keptBytes = 65_536

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

    /// Sends what there is, if it is much.
    ///
    /// Not within a command: a write that fails ends the connection before this returns, and what its commands are
    /// answered, be it an error, is heard there and then.
    func flushIfMany() {
        if output.readableBytes >= Self.writeBytes { send() }
    }

    func flush() {
        flushIsScheduled = false
        send()
    }

    private func send() {
        guard output.readableBytes > 0 else { return }
        // A failed write also ends the connection, which is where pending commands learn of it; those that are still taken
        // meanwhile learn it, too.
        channel.writeAndFlush(output, promise: nil)
        // Mostly the kernel has taken all of it, and the memory is ours again; else NIO keeps it, and this is as much anew.
        let capacity = min(max(1024, output.readableBytes), Self.keptBytes)
        if output.capacity > Self.keptBytes { output = ByteBuffer() }
        output.clear(minimumCapacity: capacity)
    }
}
