public import ChatCore
public import ChatProtocol
public import Logging
public import NIOCore
public import RedisClient

/// Names, profiles and cluster-wide lists, over one command link. Used on the link's event loop only.
///
/// Names are leased: a name is free again when nobody kept it for ``RedisStoreSettings/nameLease``.
public final class RedisDirectory: Directory {
    let link: RedisCommandLink
    let keys: RedisKeys
    let settings: RedisStoreSettings
    let logger: Logger
    private(set) var node: NodeID
    /// The users shown and not left since, as the node's list in Redis has them.
    private var here: [UserID: PresentUser] = [:]
    /// Those whose reservations are still to be kept; `nil` when nothing is under way.
    private var toKeep: ArraySlice<(UserID, DisplayName)>?

    /// - Parameters:
    ///   - link: made with ``RedisScripts/all``.
    ///   - node: this life's id.
    public init(
        link: RedisCommandLink,
        keys: RedisKeys,
        node: NodeID,
        settings: RedisStoreSettings,
        logger: Logger
    ) {
        self.link = link
        self.keys = keys
        self.node = node
        self.settings = settings
        self.logger = logger
    }

    public func arrive(_ user: UserID, name: DisplayName, former: DisplayName?) -> EventLoopFuture<Arrival> {
        let arrival = self.reserve(name, for: user)
        arrival.assumeIsolated().whenSuccess { arrival in
            self.settle(user, name: arrival.name, former: former)
        }
        return arrival
    }

    public func rename(_ user: UserID, from former: DisplayName, to name: DisplayName) -> EventLoopFuture<Bool> {
        let claim = self.claim(name, for: user)
        claim.assumeIsolated().whenSuccess { claim in
            if claim.isOurs { self.settle(user, name: name, former: former) }
        }
        return claim.map(\.isOurs)
    }

    /// Frees the name unless the user is on another node, too. Call it when the user's last session on this node ends.
    public func leave(_ user: UserID, name: DisplayName) {
        self.here[user] = nil
        self.attempt(["HDEL", RedisArgument(self.keys.users(of: self.node)), RedisArgument(user.string)])
        let others = self.link.run(
            RedisScripts.depart,
            keys: [RedisArgument(self.keys.profile(user)), RedisArgument(self.keys.nodes(of: user))],
            arguments: [RedisArgument(self.node.string)]
        )
        others.assumeIsolated().whenSuccess { others in
            // Back again meanwhile: then the name is in use.
            if others.int == 0, self.here[user] == nil { self.free(name, of: user) }
        }
    }

    /// Renews the reservations, profiles and this node's list, in batches, one after the other.
    ///
    /// Called again before it has finished it goes on with the new names only.
    public func keep(_ names: [(UserID, DisplayName)]) {
        let isUnderWay = self.toKeep != nil
        self.toKeep = names[...]
        if !isUnderWay { self.keepNextBatch() }
    }

    public func show(_ user: PresentUser) {
        self.here[user.id] = user
        self.writeList([user])
    }

    public func move(to node: NodeID) {
        self.node = node
    }

    public func name(of user: UserID) -> EventLoopFuture<String?> {
        self.link.send(["HGET", RedisArgument(self.keys.profile(user)), "name"])
            .reading("HGET") { reply -> String?? in
                if reply.isNull { return .some(nil) }
                return reply.string.map { .some($0) }
            }
    }

    /// The user has this name now.
    private func settle(_ user: UserID, name: DisplayName, former: DisplayName?) {
        if let former, former.folded != name.folded { self.free(former, of: user) }
        self.writeProfile(user, name: name)
    }

    private func keepNextBatch() {
        guard let batch = self.toKeep?.prefix(200), !batch.isEmpty else {
            self.toKeep = nil
            return
        }
        self.toKeep?.removeFirst(batch.count)
        var steps: [EventLoopFuture<Void>] = []
        for (user, name) in batch {
            steps.append(self.claim(name, for: user).map { _ in })
            steps.append(self.writeProfile(user, name: name))
        }
        steps.append(
            self.writeList(
                batch.map { user, name in
                    self.here[user]
                        ?? PresentUser(id: user, name: name.string, status: "online", since: 0, sessions: 1)
                }
            )
        )
        EventLoopFuture.andAllComplete(steps, on: self.link.eventLoop).assumeIsolated().whenComplete { _ in
            self.keepNextBatch()
        }
    }

    @discardableResult
    private func writeProfile(_ user: UserID, name: DisplayName) -> EventLoopFuture<Void> {
        self.noted(
            self.link.run(
                RedisScripts.arrive,
                keys: [RedisArgument(self.keys.profile(user)), RedisArgument(self.keys.nodes(of: user))],
                arguments: [
                    RedisArgument(name.string), user.isGuest ? "1" : "0", RedisArgument(self.node.string),
                    RedisArgument(self.settings.nameLease.milliseconds),
                    user.isGuest ? RedisArgument(self.settings.guestMemory.milliseconds) : "0",
                ]
            )
        )
    }

    @discardableResult
    private func writeList(_ users: [PresentUser]) -> EventLoopFuture<Void> {
        var command: [RedisArgument] = ["HSET", RedisArgument(self.keys.users(of: self.node))]
        for user in users { command += [RedisArgument(user.id.string), RedisArgument(user.json)] }
        return self.noted(self.link.send(command))
    }

    func free(_ name: DisplayName, of user: UserID) {
        self.noted(
            self.link.run(
                RedisScripts.free,
                keys: [RedisArgument(self.keys.name(name))],
                arguments: [RedisArgument(user.string)]
            )
        )
    }

    /// Sends a command whose failure nobody waits for: ``keep(_:)`` or the lease's end puts it right.
    private func attempt(_ command: [RedisArgument]) {
        self.noted(self.link.send(command))
    }

    @discardableResult
    private func noted(_ reply: EventLoopFuture<RedisValue>) -> EventLoopFuture<Void> {
        let logger = self.logger
        reply.whenFailure { error in logger.debug("A command to Redis failed: \(error)") }
        return reply.map { _ in }
    }
}

@available(*, unavailable)
extension RedisDirectory: Sendable {}
