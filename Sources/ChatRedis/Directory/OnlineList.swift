internal import ChatProtocol
internal import NIOCore
internal import RedisClient

/// Who is online in the whole cluster, each user once. Used on the link's event loop only.
///
/// The list lies in another slot than the nodes a user is on, so no script can change both at once. A node notes that
/// it has the user before it adds the user here; whoever removes a user looks at the nodes again behind that, for the
/// user may have come back in between.
struct OnlineList {
    let link: RedisCommandLink
    let keys: RedisKeys

    func add(_ users: [UserID]) -> EventLoopFuture<Void> {
        guard !users.isEmpty else { return self.link.eventLoop.makeSucceededVoidFuture() }
        var command: [RedisArgument] = ["ZADD", RedisArgument(self.keys.online)]
        for user in users { command += [0, RedisArgument(user.string)] }
        return self.link.send(command).reading("ZADD") { _ in () }
    }

    /// Notes that users are no longer on a node.
    ///
    /// - Parameter node: `nil`: only look where the users are.
    /// - Returns: those of them who are on no node.
    func depart(_ users: [UserID], from node: NodeID?) -> EventLoopFuture<[UserID]> {
        let counts = users.map { user in
            self.link.run(
                RedisScripts.depart,
                keys: [RedisArgument(self.keys.profile(user)), RedisArgument(self.keys.nodes(of: user))],
                arguments: [RedisArgument(node?.string ?? "")]
            ).reading("depart", \.int)
        }
        return EventLoopFuture.whenAllSucceed(counts, on: self.link.eventLoop).map { counts in
            zip(users, counts).filter { $0.1 == 0 }.map(\.0)
        }
    }

    /// Removes users who were found to be on no node; who has come back since stays, or is added again.
    func remove(_ users: [UserID]) -> EventLoopFuture<Void> {
        guard !users.isEmpty else { return self.link.eventLoop.makeSucceededVoidFuture() }
        let command = ["ZREM", RedisArgument(self.keys.online)] + users.map { RedisArgument($0.string) }
        let removed = self.link.send(command).reading("ZREM") { _ in () }
        let nowhere = self.depart(users, from: nil)
        return removed.and(nowhere).assumeIsolated().flatMap { _, nowhere in
            self.addAgain(Array(Set(users).subtracting(nowhere)))
        }.nonisolated()
    }

    /// The same with what is added here: its user may have gone once more. The last to write is the last to look.
    private func addAgain(_ users: [UserID]) -> EventLoopFuture<Void> {
        guard !users.isEmpty else { return self.link.eventLoop.makeSucceededVoidFuture() }
        return self.add(users).and(self.depart(users, from: nil)).assumeIsolated().flatMap { _, nowhere in
            self.remove(nowhere)
        }.nonisolated()
    }
}

@available(*, unavailable)
extension OnlineList: Sendable {}
