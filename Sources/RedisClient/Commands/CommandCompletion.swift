internal import NIOCore

/// What is owed to the caller of a command.
enum CommandCompletion {
    /// Gets a copy of the reply.
    case promise(EventLoopPromise<RedisValue>)
    /// Sees the reply where it was parsed.
    case callback((Result<ReplyView, RedisError>) -> Void)

    func succeed(_ reply: ReplyView) {
        switch self {
        case .callback(let callback): callback(.success(reply))
        case .promise(let promise): promise.succeed(reply.value())
        }
    }

    func fail(_ error: RedisError) {
        switch self {
        case .callback(let callback): callback(.failure(error))
        case .promise(let promise): promise.fail(error)
        }
    }
}
