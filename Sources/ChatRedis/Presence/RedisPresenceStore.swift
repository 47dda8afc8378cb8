public import ChatCore
public import ChatProtocol
public import Logging
public import NIOCore
public import RedisClient

/// Shares, leases, and the notices about them, over one command link. Used on the link's event loop only.
public final class RedisPresenceStore: PresenceStore {
    /// This node's id; another one after a heartbeat that found the lease ended.
    public internal(set) var node: NodeID

    let link: RedisCommandLink
    let keys: RedisKeys
    let description: NodeDescription
    let settings: RedisStoreSettings
    let logger: Logger
    var lease = LeaseRecord()
    /// Dead nodes this node is cleaning up after.
    var cleaning: Set<NodeID> = []
    /// The latest unanswered write of each room, so that an earlier one's answer does not undo what a later one did.
    private var latestWrites: [RoomName: UInt64] = [:]
    private var writeCount: UInt64 = 0

    /// - Parameters:
    ///   - link: made with ``RedisScripts/all``.
    ///   - node: this life's id, of the form `NAME-<random>` with the description's name.
    public init(
        link: RedisCommandLink,
        keys: RedisKeys,
        node: NodeID,
        description: NodeDescription,
        settings: RedisStoreSettings,
        logger: Logger
    ) {
        self.link = link
        self.keys = keys
        self.node = node
        self.description = description
        self.settings = settings
        self.logger = logger
    }

    public func write(_ changes: ShareChanges, room: RoomName) -> EventLoopFuture<Void> {
        guard !changes.here.isEmpty || !changes.gone.isEmpty else {
            return self.link.eventLoop.makeSucceededVoidFuture()
        }
        let node = self.node
        self.writeCount += 1
        let ticket = self.writeCount
        self.latestWrites[room] = ticket

        // Before the share, so that whoever cleans up after this node finds every share it left.
        let registered = self.link.send(["SADD", RedisArgument(self.keys.rooms(of: node)), RedisArgument(room.string)])
        var arguments: [RedisArgument] = [
            RedisArgument(room.string), RedisArgument(node.string), self.keys.channel(room),
            RedisArgument(self.keys.presenceChannel(room)), RedisArgument(changes.noticeEnd),
            changes.size.map { RedisArgument($0) } ?? "", RedisArgument(changes.here.count),
        ]
        for user in changes.here { arguments += [RedisArgument(user.id.string), RedisArgument(user.json)] }
        for user in changes.gone { arguments.append(RedisArgument(user.id.string)) }
        let written = self.link.run(
            RedisScripts.share,
            keys: [RedisArgument(self.keys.share(of: room, node: node)), RedisArgument(self.keys.nodes(of: room))],
            arguments: arguments
        )
        let size = registered.and(written).map(\.1).reading("share", \.int)
        size.assumeIsolated().whenComplete { result in
            guard self.latestWrites[room] == ticket else { return }
            self.latestWrites[room] = nil
            if case .success(0) = result { self.forget(room, of: node) }
        }
        return size.flatMapThrowing { size in
            if let expected = changes.size, expected != size {
                throw StoreError.refused("Redis holds \(size) of \(expected) users of a share")
            }
        }
    }

    /// The node's share of a room is empty.
    private func forget(_ room: RoomName, of node: NodeID) {
        self.attempt(["SREM", RedisArgument(self.keys.rooms(of: node)), RedisArgument(room.string)])
    }

    public func share(of room: RoomName, node: NodeID) -> EventLoopFuture<[PresentUser]> {
        self.link.send(["HGETALL", RedisArgument(self.keys.share(of: room, node: node))])
            .reading("HGETALL") { $0.array.map { PresentUser.users($0[...]) } }
    }

    @discardableResult
    public func publish(_ event: ByteBuffer, to topic: Topic) -> EventLoopFuture<Int> {
        self.link.send(["PUBLISH", RedisArgument(self.keys.channel(topic)), RedisArgument(event)])
            .reading("PUBLISH", \.int)
    }

    /// Sends a command whose failure nobody waits for: what it does is done again, or is best effort.
    func attempt(_ command: [RedisArgument]) {
        let logger = self.logger
        self.link.send(command).whenFailure { error in
            logger.debug("A command to Redis failed: \(error)")
        }
    }
}

@available(*, unavailable)
extension RedisPresenceStore: Sendable {}

extension PresentUser {
    /// Reads the fields and values of a hash, alternating; what is not ours is passed over.
    static func users(_ fields: ArraySlice<RedisValue>) -> [PresentUser] {
        var users: [PresentUser] = []
        users.reserveCapacity(fields.count / 2)
        var rest = fields
        while let field = rest.popFirst(), let value = rest.popFirst() {
            guard let id = field.string.flatMap({ UserID($0) }), let json = value.bytes,
                let parsed = try? JSONValue.parse(json), parsed.object != nil
            else { continue }
            users.append(PresentUser(id: id, json: parsed))
        }
        return users
    }
}
