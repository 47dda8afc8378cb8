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
    let everyone: OnlineList
    /// The users shown and not left since, as the node's list in Redis has them.
    var here: [UserID: PresentUser] = [:]
    /// Those whom Redis was away for when they left.
    var stillListed: Set<UserID> = []
    /// Who was shown in this turn of the loop, to be written together at its end.
    private var toShow: Set<UserID> = []
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
        self.everyone = OnlineList(link: link, keys: keys)
    }

    public func arrive(_ user: UserID, name: DisplayName, former: DisplayName?) -> EventLoopFuture<Arrival> {
        let arrival = self.reserve(name, for: user)
        arrival.assumeIsolated().whenSuccess { arrival in
            if let former, former.folded != arrival.name.folded { self.free(former, of: user) }
        }
        return arrival
    }

    public func rename(_ user: UserID, from former: DisplayName, to name: DisplayName) -> EventLoopFuture<Bool> {
        let claim = self.claim(name, for: user)
        claim.assumeIsolated().whenSuccess { claim in
            guard claim.isOurs else { return }
            if former.folded != name.folded { self.free(former, of: user) }
            self.writeProfile(user, name: name.string, here: nil)
        }
        return claim.map(\.isOurs)
    }

    /// Renews the reservations, profiles, this node's list and that of everyone online, in batches, one after the other,
    /// for those of the users who were shown and have not left.
    ///
    /// Called again before it has finished it goes on with the new names only.
    public func keep(_ names: [(UserID, DisplayName)]) {
        let isUnderWay = self.toKeep != nil
        self.toKeep = names[...]
        self.unlistLeftovers()
        if !isUnderWay { self.keepNextBatch() }
    }

    public func show(_ user: PresentUser) {
        self.here[user.id] = user
        if self.toShow.isEmpty { self.link.eventLoop.assumeIsolated().execute { self.writeShown() } }
        self.toShow.insert(user.id)
    }

    /// Before anything else is written of who was shown in this turn.
    func writeShown() {
        let users = self.toShow.compactMap { self.here[$0] }
        self.toShow = []
        self.write(users.map { ($0, $0.name) })
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

    private func keepNextBatch() {
        guard let batch = self.toKeep?.prefix(200), !batch.isEmpty else {
            self.toKeep = nil
            return
        }
        self.toKeep?.removeFirst(batch.count)
        // Who has left since the call must not be listed again.
        let present = batch.compactMap { user, name in self.here[user].map { (user: $0, name: name) } }
        let claims = present.map { self.claim($0.name, for: $0.user.id).map { _ in } }
        let written = self.write(present.map { ($0.user, $0.name.string) })
        EventLoopFuture.andAllComplete(claims + [written], on: self.link.eventLoop).assumeIsolated().whenComplete { _ in
            self.keepNextBatch()
        }
    }

    /// Writes all that says that users are here.
    @discardableResult
    private func write(_ users: [(user: PresentUser, name: String)]) -> EventLoopFuture<Void> {
        guard !users.isEmpty else { return self.link.eventLoop.makeSucceededVoidFuture() }
        var list: [RedisArgument] = ["HSET", RedisArgument(self.keys.users(of: self.node))]
        for (user, _) in users { list += [RedisArgument(user.id.string), RedisArgument(user.json)] }
        // First, so that whoever cleans up after this node finds everyone it made online.
        var steps = [self.noted(self.link.send(list))]
        for (user, name) in users { steps.append(self.writeProfile(user.id, name: name, here: user)) }
        steps.append(self.everyone.add(users.map(\.user.id)))
        return EventLoopFuture.andAllComplete(steps, on: self.link.eventLoop)
    }

    /// - Parameter here: the user counts as being on this node from now on.
    @discardableResult
    private func writeProfile(_ user: UserID, name: String, here: PresentUser?) -> EventLoopFuture<Void> {
        var keys = [RedisArgument(self.keys.profile(user))]
        if here != nil { keys.append(RedisArgument(self.keys.nodes(of: user))) }
        let status = here.map { $0.status == "online" && $0.statusText == nil ? "" : $0.status }
        return self.noted(
            self.link.run(
                RedisScripts.arrive,
                keys: keys,
                arguments: [
                    RedisArgument(name), user.isGuest ? "1" : "0",
                    user.isGuest ? RedisArgument(max(1, self.settings.guestMemory.milliseconds)) : "0",
                    RedisArgument(self.node.string), RedisArgument(max(1, self.settings.nameLease.milliseconds)),
                    RedisArgument(status ?? ""), RedisArgument(here?.statusText ?? ""),
                ]
            )
        )
    }

    public func free(_ name: DisplayName, of user: UserID) {
        self.noted(
            self.link.run(
                RedisScripts.free,
                keys: [RedisArgument(self.keys.name(name))],
                arguments: [RedisArgument(user.string)]
            )
        )
    }

    /// Nobody waits for this reply: should the command have failed, ``keep(_:)`` or the lease's end puts it right.
    @discardableResult
    func noted(_ reply: EventLoopFuture<RedisValue>) -> EventLoopFuture<Void> {
        let logger = self.logger
        reply.whenFailure { error in logger.debug("A command to Redis failed: \(error)") }
        return reply.map { _ in }
    }
}

@available(*, unavailable)
extension RedisDirectory: Sendable {}
