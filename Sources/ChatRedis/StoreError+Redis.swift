internal import ChatCore
internal import NIOCore
internal import RedisClient

extension StoreError {
    /// What a failed command means to the rules.
    ///
    /// A server that is not, or not yet, the one to talk to counts as away: asking again soon may help. Every other
    /// error that Redis answers means that nothing was done.
    init(_ error: any Error) {
        switch error {
        case let error as StoreError:
            self = error
        case RedisError.server(let answer) where answer.code == "NOENTRY":
            self = .noSuchEntry
        case RedisError.server(let answer) where answer.code == "NOTYOURS":
            self = .notYours
        case RedisError.server(let answer) where answer.code == "FULLROOM":
            self = .tooManyAttachments
        case RedisError.server(let answer) where answer.code == "NOATTACHMENT":
            self = .unavailable("the attachment took too long")
        case RedisError.server(let answer) where answer.code == "SLOW":
            self = .tooSoon(retryAfter: Int64(answer.message.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 1_000)
        case RedisError.server(let answer) where answer.code == "TOOMANY":
            self = .tooManyChanges
        case RedisError.server(let answer):
            self = Self.isAway(answer) ? .unavailable("Redis answered: \(answer)") : .refused(Self.advice(answer))
        case let error as RedisError:
            self = .unavailable(String(describing: error))
        default:
            self = .unavailable("Redis: \(error)")
        }
    }

    /// A reply of another shape than the script has.
    static func unexpected(_ what: String) -> StoreError {
        .refused("Redis answered something unexpected to \(what)")
    }

    private static func isAway(_ answer: RedisServerError) -> Bool {
        switch answer.code {
        case "READONLY", "LOADING", "MASTERDOWN", "NOSCRIPT", "BUSY", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK":
            true
        default:
            // Before Redis 7 an error inside a script arrives wrapped in the script's own.
            answer.message.contains("-READONLY ")
        }
    }

    private static func advice(_ answer: RedisServerError) -> String {
        switch answer.code {
        case "OOM": "Redis is full, nothing was stored: raise its maxmemory or keep fewer entries (\(answer))"
        case "MISCONF": "Redis cannot save to disk and refuses writes: look at its log and disk (\(answer))"
        case "NOREPLICAS": "Redis refuses writes for lack of replicas: see min-replicas-to-write (\(answer))"
        case "NOPERM": Self.widenRights(answer)
        case "WRONGTYPE": "a key of martlet's holds something else: is its prefix used by others? (\(answer))"
        // What a script may not.
        case "ERR" where answer.message.contains("user executing the script"): Self.widenRights(answer)
        default: "Redis answered: \(answer)"
        }
    }

    private static func widenRights(_ answer: RedisServerError) -> String {
        "Redis forbids this: widen the rights (ACL) of martlet's user, see deploy/redis/users.acl (\(answer))"
    }
}

extension EventLoopFuture where Value == RedisValue {
    /// Reads the reply, and turns whatever went wrong into a ``StoreError``.
    ///
    /// - Parameter read: `nil` for a reply of another shape, which is answered with `refused`, never trapped on.
    func reading<Result: Sendable>(
        _ what: String,
        _ read: @escaping @Sendable (RedisValue) -> Result?
    ) -> EventLoopFuture<Result> {
        // One promise instead of a chain of them: this is part of each message's way.
        let promise = self.eventLoop.makePromise(of: Result.self)
        self.whenComplete { result in
            switch result {
            case .success(let value):
                if let result = read(value) {
                    promise.succeed(result)
                } else {
                    promise.fail(StoreError.unexpected(what))
                }
            case .failure(let error): promise.fail(StoreError(error))
            }
        }
        return promise.futureResult
    }
}

extension EventLoopFuture {
    func storeErrors() -> EventLoopFuture<Value> {
        self.flatMapErrorThrowing { throw StoreError($0) }
    }
}
