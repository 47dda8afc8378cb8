public import ChatCore
public import ChatProtocol
public import NIOCore
public import RedisClient

/// Accounts in Redis. May be called from any thread; futures complete on the link's event loop.
///
/// An account's name is a name's key without an end of life: what reserves a guest's name refuses it.
public struct RedisAccounts: Accounts {
    private let eventLoop: any EventLoop
    private let link: NIOLoopBound<RedisCommandLink>
    private let keys: RedisKeys

    /// Must be called on the link's event loop.
    ///
    /// - Parameter link: made with ``RedisScripts/all``.
    public init(link: RedisCommandLink, keys: RedisKeys) {
        self.eventLoop = link.eventLoop
        self.link = NIOLoopBound(link, eventLoop: link.eventLoop)
        self.keys = keys
    }

    public func create(_ account: Account) -> EventLoopFuture<Bool> {
        let (hash, name) = (RedisArgument(self.keys.account(account.user)), RedisArgument(self.keys.name(account.name)))
        return self.eventLoop.flatSubmit {
            let link = self.link.value
            // First: a name that leads nowhere could never be had again. Without a name an account is only forgotten.
            return link.send([
                "HSET", hash, "name", RedisArgument(account.name.string), "password", RedisArgument(account.password),
                "generation", RedisArgument(account.generation),
            ]).flatMap { _ in
                self.link.value.send(["SET", name, RedisArgument(account.user.string), "NX"])
            }.map { reply in
                guard reply.isNull else { return true }
                _ = self.link.value.send(["DEL", hash])
                return false
            }.storeErrors()
        }
    }

    public func find(_ name: DisplayName) -> EventLoopFuture<Account?> {
        let key = RedisArgument(self.keys.name(name))
        return self.eventLoop.flatSubmit {
            self.link.value.send(["GET", key]).flatMap { reply in
                // A guest's name leads to no account; looking it up all the same keeps the answer's time the same.
                self.read(reply.string.flatMap { UserID($0) } ?? UserID.randomGuest())
            }.storeErrors()
        }
    }

    public func find(_ user: UserID) -> EventLoopFuture<Account?> {
        self.eventLoop.flatSubmit { self.read(user) }
    }

    private func read(_ user: UserID) -> EventLoopFuture<Account?> {
        self.link.value.send(["HMGET", RedisArgument(self.keys.account(user)), "name", "password", "generation"])
            .reading("HMGET of an account") { reply in
                guard let fields = reply.array, fields.count == 3 else { return nil }
                guard let name = fields[0].string.flatMap({ DisplayName($0) }), let password = fields[1].string,
                    let generation = fields[2].int
                else { return .some(nil) }
                return Account(user: user, name: name, password: password, generation: generation)
            }
    }

    public func endSessions(of user: UserID, password: String?) -> EventLoopFuture<Int?> {
        let key = RedisArgument(self.keys.account(user))
        let arguments = [RedisArgument(password ?? ""), RedisArgument(self.keys.userChannel(user))]
        return self.eventLoop.flatSubmit {
            self.link.value.run(RedisScripts.logout, keys: [key], arguments: arguments).reading("logout") { reply in
                reply.isNull ? .some(nil) : reply.int.map { .some($0) }
            }
        }
    }

    public func attempt(_ attempt: Attempt) -> EventLoopFuture<Int64> {
        self.eventLoop.flatSubmit {
            self.throttle(attempt, count: 1).reading("throttle") { $0.int.map { Int64($0) } }
        }
    }

    public func forgive(_ attempt: Attempt) {
        self.eventLoop.execute { _ = self.throttle(attempt, count: -1) }
    }

    private func throttle(_ attempt: Attempt, count: Int) -> EventLoopFuture<RedisValue> {
        self.link.value.run(
            RedisScripts.throttle,
            keys: [RedisArgument(self.keys.throttle(attempt.name))],
            arguments: [RedisArgument(attempt.interval), RedisArgument(attempt.burst), RedisArgument(count)]
        )
    }
}
