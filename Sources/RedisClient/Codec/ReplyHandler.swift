internal import NIOCore

/// Who gets what one connection reads. All calls are on the channel's event loop.
protocol ReplyReceiver: AnyObject {
    /// One reply, in order. Throwing ends the connection.
    func received(_ reply: ReplyView, attempt: Int) throws(RedisError)
    /// All replies of one read have been passed.
    func readCompleted(attempt: Int)
    /// Called once; nothing follows.
    func connectionEnded(attempt: Int, error: any Error)
}

/// The last handler of a connection to Redis: parses what comes in. Commands pass it by, already formatted.
final class ReplyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let reader: ReplyReader
    private let attempt: Int
    private var receiver: (any ReplyReceiver)?
    /// Replies are being passed on.
    private var isPassing = false

    init(reader: ReplyReader, attempt: Int, receiver: any ReplyReceiver) {
        self.reader = reader
        self.attempt = attempt
        self.receiver = receiver
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reader.append(unwrapInboundIn(data))
        // The receiver wrote, and the connection broke: NIO then reads what is left before it says so. The loop below, which
        // we are in, takes it; the reply that is being passed must not be read over.
        guard !isPassing else { return }
        isPassing = true
        defer { isPassing = false }
        do throws(RedisError) {
            // The receiver may end the connection in the middle of a batch: the rest is of no interest then.
            while let receiver {
                let found = try reader.next { reply throws(RedisError) in
                    try receiver.received(reply, attempt: attempt)
                }
                if !found { break }
            }
            reader.endRead()
        } catch {
            end(context: context, error: error)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        receiver?.readCompleted(attempt: attempt)
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(context: context, error: ConnectionClosedByRedis())
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(context: context, error: error)
    }

    private func end(context: ChannelHandlerContext, error: any Error) {
        guard let receiver else { return }
        self.receiver = nil
        receiver.connectionEnded(attempt: attempt, error: error)
        context.close(promise: nil)
    }
}

/// The peer closed the connection without saying why.
struct ConnectionClosedByRedis: Error {}
