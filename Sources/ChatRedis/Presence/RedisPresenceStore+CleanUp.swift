internal import ChatCore
public import ChatProtocol
internal import Logging
public import NIOCore
internal import RedisClient

extension RedisPresenceStore {
    /// Removes a dead node's shares, its list of users and what it told about itself; its users are online no more
    /// unless they are on another node.
    ///
    /// Does nothing, and succeeds, as long as this node's own lease was not valid for one full lease; when the node
    /// lives; and while another node is at it. Call it with every heartbeat that names the node as dead.
    public func cleanUp(after node: NodeID) -> EventLoopFuture<Void> {
        guard node != self.node, !self.cleaning.contains(node),
            self.lease.mayCleanUp(now: .now(), lease: self.settings.lease)
        else { return self.link.eventLoop.makeSucceededVoidFuture() }
        self.cleaning.insert(node)
        let done = self.bury(node, "claim").assumeIsolated().flatMap { isOurs in
            isOurs ? self.cleanRooms(of: node) : self.link.eventLoop.makeSucceededVoidFuture()
        }
        done.whenComplete { _ in self.cleaning.remove(node) }
        return done.nonisolated()
    }

    /// Takes the task, or more time for it.
    private func bury(_ node: NodeID, _ what: RedisArgument) -> EventLoopFuture<Bool> {
        self.link.run(
            RedisScripts.bury,
            keys: [RedisArgument(self.keys.leases), RedisArgument(self.keys.dead)],
            arguments: [
                RedisArgument(node.string), RedisArgument(max(1, self.settings.cleanerTerm.milliseconds)), what,
            ]
        ).reading("bury") { $0.int.map { $0 == 1 } }
    }

    /// One batch of rooms after another, until there are none.
    private func cleanRooms(of node: NodeID) -> EventLoopFuture<Void> {
        let batch = self.link.send(["SRANDMEMBER", RedisArgument(self.keys.rooms(of: node)), 20])
            .reading("SRANDMEMBER") { $0.array?.compactMap(\.string) }
        return batch.assumeIsolated().flatMap { rooms in
            guard !rooms.isEmpty else { return self.cleanUsers(of: node, from: "0") }
            let steps = rooms.map { self.reap($0, of: node) }
            return EventLoopFuture.andAllSucceed(steps, on: self.link.eventLoop).assumeIsolated().flatMap {
                self.bury(node, "prolong")
            }.flatMap { isOurs in
                isOurs ? self.cleanRooms(of: node) : self.link.eventLoop.makeSucceededVoidFuture()
            }.nonisolated()
        }.nonisolated()
    }

    /// One step in one room; the room leaves the list when nothing of the share is left.
    private func reap(_ name: String, of node: NodeID) -> EventLoopFuture<Void> {
        let remove: [RedisArgument] = ["SREM", RedisArgument(self.keys.rooms(of: node)), RedisArgument(name)]
        guard let room = RoomName(name) else { return self.link.send(remove).reading("SREM") { _ in () } }
        let left = self.link.run(
            RedisScripts.reap,
            keys: [RedisArgument(self.keys.share(of: room, node: node)), RedisArgument(self.keys.nodes(of: room))],
            arguments: [
                RedisArgument(name), RedisArgument(node.string), self.keys.channel(room),
                RedisArgument(self.keys.presenceChannel(room)), RedisArgument(max(1, self.settings.cleanerBatch)),
            ]
        ).reading("reap", \.int)
        return left.assumeIsolated().flatMap { left in
            guard left == 0 else { return self.link.eventLoop.makeSucceededVoidFuture() }
            return self.link.send(remove).reading("SREM") { _ in () }
        }.nonisolated()
    }

    /// One batch of users after another, until the scan of the node's list is at its end.
    private func cleanUsers(of node: NodeID, from cursor: String) -> EventLoopFuture<Void> {
        let batch = self.link.send([
            "HSCAN", RedisArgument(self.keys.users(of: node)), RedisArgument(cursor), "COUNT",
            RedisArgument(max(1, self.settings.cleanerBatch)),
        ]).reading("HSCAN", UserBatch.init)
        let everyone = OnlineList(link: self.link, keys: self.keys)
        return batch.assumeIsolated().flatMap { batch in
            everyone.depart(batch.users.map(\.id), from: node).assumeIsolated().flatMap { nowhere in
                self.freeNames(of: batch.users, among: Set(nowhere))
                return everyone.remove(nowhere)
            }.flatMap {
                self.bury(node, "prolong")
            }.flatMap { isOurs in
                guard isOurs else { return self.link.eventLoop.makeSucceededVoidFuture() }
                return batch.next == "0" ? self.forget(node) : self.cleanUsers(of: node, from: batch.next)
            }.nonisolated()
        }.nonisolated()
    }

    /// Whoever is on no other node no longer needs a name.
    private func freeNames(of users: [PresentUser], among gone: Set<UserID>) {
        for user in users where gone.contains(user.id) {
            guard let name = DisplayName(user.name) else { continue }
            let logger = self.logger
            self.link.run(
                RedisScripts.free,
                keys: [RedisArgument(self.keys.name(name))],
                arguments: [RedisArgument(user.id.string)]
            ).whenFailure { error in logger.debug("A name could not be freed: \(error)") }
        }
    }

    private func forget(_ node: NodeID) -> EventLoopFuture<Void> {
        let removed = self.link.send([
            "UNLINK", RedisArgument(self.keys.node(node)), RedisArgument(self.keys.rooms(of: node)),
            RedisArgument(self.keys.users(of: node)),
        ])
        // Last: as long as the id stands there, another node finishes what this one may not.
        let done = self.link.send(["ZREM", RedisArgument(self.keys.dead), RedisArgument(node.string)])
        return removed.and(done).map { _ in }.storeErrors()
    }
}

/// The answer of HSCAN on a node's list of users.
private struct UserBatch: Sendable {
    let users: [PresentUser]
    /// The cursor of the next batch; `0`: there is none.
    let next: String

    init?(_ reply: RedisValue) {
        guard let values = reply.array, values.count == 2, let next = values[0].string, let fields = values[1].array
        else { return nil }
        self.next = next
        self.users = PresentUser.users(fields[...])
    }
}
