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
    /// Those whom Redis was away for when they left.
    private var stillListed: Set<UserID> = []
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
    ///
    /// On an instance that never showed the user, it frees the name unless the user is on any node: what a session that
    /// ended while it arrived has to do, for the user may have others.
    public func leave(_ user: UserID, name: DisplayName) {
        let wasShown = self.here.removeValue(forKey: user) != nil
        if wasShown { self.unlist([user]) }
        let others = self.link.run(
            RedisScripts.depart,
            keys: [RedisArgument(self.keys.profile(user)), RedisArgument(self.keys.nodes(of: user))],
            arguments: [RedisArgument(wasShown ? self.node.string : "")]
        )
        others.assumeIsolated().whenSuccess { others in
            // Back again meanwhile: then the name is in use.
            if others.int == 0, self.here[user] == nil { self.free(name, of: user) }
        }
    }

    /// Renews the reservations, profiles and this node's list, in batches, one after the other, for those of the users
    /// who were shown and have not left.
    ///
    /// Called again before it has finished it goes on with the new names only.
    public func keep(_ names: [(UserID, DisplayName)]) {
        let isUnderWay = self.toKeep != nil
        self.toKeep = names[...]
        if !self.stillListed.isEmpty {
            let users = self.stillListed.subtracting(self.here.keys)
            self.stillListed = []
            if !users.isEmpty { self.unlist(Array(users)) }
        }
        if !isUnderWay { self.keepNextBatch() }
    }

    public func show(_ user: PresentUser) {
        self.here[user.id] = user
        self.writeProfile(user.id, name: user.name, isHere: true)
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
        self.writeProfile(user, name: name.string, isHere: false)
    }

    private func keepNextBatch() {
        guard let batch = self.toKeep?.prefix(200), !batch.isEmpty else {
            self.toKeep = nil
            return
        }
        self.toKeep?.removeFirst(batch.count)
        var steps: [EventLoopFuture<Void>] = []
        var present: [PresentUser] = []
        for (user, name) in batch {
            // Who has left since the call must not be listed again.
            guard let shown = self.here[user] else { continue }
            steps.append(self.claim(name, for: user).map { _ in })
            steps.append(self.writeProfile(user, name: name.string, isHere: true))
            present.append(shown)
        }
        if !present.isEmpty { steps.append(self.writeList(present)) }
        EventLoopFuture.andAllComplete(steps, on: self.link.eventLoop).assumeIsolated().whenComplete { _ in
            self.keepNextBatch()
        }
    }

    /// - Parameter isHere: whether the user counts as being on this node from now on.
    @discardableResult
    private func writeProfile(_ user: UserID, name: String, isHere: Bool) -> EventLoopFuture<Void> {
        var keys = [RedisArgument(self.keys.profile(user))]
        if isHere { keys.append(RedisArgument(self.keys.nodes(of: user))) }
        return self.noted(
            self.link.run(
                RedisScripts.arrive,
                keys: keys,
                arguments: [
                    RedisArgument(name), user.isGuest ? "1" : "0",
                    user.isGuest ? RedisArgument(max(1, self.settings.guestMemory.milliseconds)) : "0",
                    RedisArgument(self.node.string), RedisArgument(max(1, self.settings.nameLease.milliseconds)),
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

    private func unlist(_ users: [UserID]) {
        let command = ["HDEL", RedisArgument(self.keys.users(of: self.node))] + users.map { RedisArgument($0.string) }
        self.noted(self.link.send(command)).assumeIsolated().whenFailure { _ in self.stillListed.formUnion(users) }
    }

    /// Nobody waits for this reply: should the command have failed, ``keep(_:)`` or the lease's end puts it right.
    @discardableResult
    private func noted(_ reply: EventLoopFuture<RedisValue>) -> EventLoopFuture<Void> {
        let logger = self.logger
        reply.whenFailure { error in logger.debug("A command to Redis failed: \(error)") }
        return reply.map { _ in }
    }
}

@available(*, unavailable)
extension RedisDirectory: Sendable {}
