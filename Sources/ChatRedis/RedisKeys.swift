public import ChatCore
public import ChatProtocol
internal import RedisClient

/// The names of all keys and channels in Redis, in one place.
///
/// Everything of one room shares the hash tag `{room}`, so a script touches one slot, on Redis Cluster too; likewise
/// for users, nodes, and the leases.
public struct RedisKeys: Sendable, Hashable {
    /// What every name begins with.
    public let prefix: String

    public init(prefix: String = "martlet:") {
        self.prefix = prefix
    }

    // MARK: Rooms

    /// Channel: live entries and ephemeral events.
    public func roomChannel(_ room: RoomName) -> String { "\(self.roomStart)\(room)\(Self.roomEnd)" }
    /// Stream: the entries; id `<offset>-0`.
    public func log(_ room: RoomName) -> String { "\(self.roomStart)\(room)\(Self.logEnd)" }
    /// Hash: `epoch`, `offset`, `at`, `first`, `created`, `policy`.
    public func meta(_ room: RoomName) -> String { "\(self.roomStart)\(room)\(Self.metaEnd)" }
    /// Hash: a message's offset → its edits and reactions; a deleted entry's offset → its deletion. Named by the scripts, too.
    public func changes(of room: RoomName) -> String { self.roomChannel(room) + ":changes" }
    /// Hash: a message's offset → the secret of the attachment it carries, and its bytes. Named by the scripts, too.
    public func attachments(of room: RoomName) -> String { self.roomChannel(room) + ":attachments" }
    /// String: an attachment's bytes. Named by the scripts, too.
    public func attachment(_ id: AttachmentID) -> String { "\(self.roomChannel(id.room)):attachment:\(id.secret)" }
    /// Hash: `type`, `name` and `size` of an attachment. Named by the scripts, too.
    public func about(_ id: AttachmentID) -> String { self.attachment(id) + ":about" }
    /// Hash: how the room is set up. Named by the scripts, too, as are the lists.
    public func settings(of room: RoomName) -> String { self.roomChannel(room) + ":settings" }
    /// Hash: user id → JSON.
    public func list(_ list: RoomPolicy.List, of room: RoomName) -> String {
        "\(self.roomChannel(room)):\(list.rawValue)"
    }
    /// Stream: what moderators did in the room. Named by the scripts, too.
    public func audit(of room: RoomName) -> String { self.roomChannel(room) + ":audit" }
    /// String: what a sender's `key` got.
    public func key(_ key: String, of user: UserID, in room: RoomName) -> String {
        "\(self.roomChannel(room)):key:\(user):\(key)"
    }
    /// Hash: a node's share of the room's presence.
    public func share(of room: RoomName, node: NodeID) -> String { self.sharePrefix(room) + node.string }
    /// What the names of all shares of a room begin with; the node's id follows.
    public func sharePrefix(_ room: RoomName) -> String { self.roomChannel(room) + ":here:" }
    /// Set: the nodes that have a share of the room.
    public func nodes(of room: RoomName) -> String { self.roomChannel(room) + ":nodes" }
    /// Channel: the change stream for operators.
    public func presenceChannel(_ room: RoomName) -> String { "\(self.prefix)presence:{\(room)}" }
    /// Hash: user id → the offset up to which the user has read the room.
    public func reads(of room: RoomName) -> String { self.roomChannel(room) + ":reads" }
    /// Sorted set: the public rooms, all with score 0.
    public var rooms: String { self.prefix + "rooms" }

    // MARK: Users

    /// Channel: what is addressed to all of a user's sessions.
    public func userChannel(_ user: UserID) -> String { "\(self.prefix)user:{\(user)}" }
    /// Sorted set: the user's direct rooms by last activity.
    public func inbox(_ user: UserID) -> String { self.userChannel(user) + ":inbox" }
    /// Hash: the rooms that a user has been in → `joined` or `left`, and when.
    public func rooms(of user: UserID) -> String { self.userChannel(user) + ":rooms" }
    /// Set: the ids of those whom the user has blocked.
    public func blocked(by user: UserID) -> String { self.userChannel(user) + ":blocked" }
    /// Hash: `name`, `guest`, `lastSeen`, `status`, `statusText`, `reading`.
    public func profile(_ user: UserID) -> String { self.userChannel(user) + ":profile" }
    /// Sorted set: the nodes the user is on, by the time until which that counts.
    public func nodes(of user: UserID) -> String { self.userChannel(user) + ":nodes" }
    /// Sorted set: the ids of all users who are on any node, all with score 0.
    public var online: String { self.prefix + "online" }
    /// String: the id of the user who has the name.
    public func name(_ name: DisplayName) -> String { "\(self.prefix)name:{\(name.folded)}" }

    // MARK: Nodes

    /// Sorted set: node → end of its lease, by Redis's clock.
    public var leases: String { self.prefix + "{nodes}" }
    /// Sorted set: dead node → deadline of the one who cleans up after it.
    public var dead: String { self.prefix + "{nodes}:dead" }
    /// Hash with an end of life: what a node tells about itself.
    public func node(_ node: NodeID) -> String { "\(self.prefix)node:{\(node)}" }
    /// Set: the rooms in which the node has a share.
    public func rooms(of node: NodeID) -> String { self.node(node) + ":rooms" }
    /// Hash: the users on the node.
    public func users(of node: NodeID) -> String { self.node(node) + ":users" }

    /// Sorted set: to whom a user has written → when first.
    public func contacts(of user: UserID) -> String { self.userChannel(user) + ":contacts" }
    /// Hash: an account's `name`, `password` (its hash) and `generation`.
    public func account(_ user: UserID) -> String { self.userChannel(user) + ":account" }
    /// String: when something that may happen only so often is due again.
    public func throttle(_ name: String) -> String { "\(self.prefix)throttle:{\(name)}" }

    // MARK: Cluster

    /// Hash: user id → JSON: who is kept out of the cluster. What does keep them out is in their profiles.
    public var bans: String { self.prefix + "{cluster}:bans" }
    /// Stream: what operators did to the cluster.
    public var audit: String { self.prefix + "{cluster}:audit" }
    /// Sorted set: who operates the cluster → until when that is known.
    public var operators: String { self.prefix + "{cluster}:operators" }
    /// String: what session tokens are signed with.
    public var secret: String { self.prefix + "secret" }
}

extension RedisKeys {
    /// What is in front of the room in the names of all that is a room's, and behind it in the names that each message
    /// needs: those are written piece by piece (``AppendCommand``).
    var roomStart: String { self.prefix + "room:{" }
    static let roomEnd: StaticString = "}"
    static let logEnd: StaticString = "}:log"
    static let metaEnd: StaticString = "}:meta"

    /// The channel of a topic.
    func channel(_ room: RoomName) -> RedisArgument { RedisArgument(self.roomChannel(room)) }
}
