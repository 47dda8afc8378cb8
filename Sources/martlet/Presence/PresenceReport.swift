/// Who is where in the whole cluster, as read from Redis at one moment. It encodes to what `--json` prints.
///
/// Times are milliseconds since the Unix epoch by Redis's clock.
struct PresenceReport: Sendable, Equatable, Encodable {
    let at: Int64
    /// By id.
    var nodes: [NodeReport]
    /// By name.
    var rooms: [RoomReport]
    /// Who is online and in no room; only when a user was looked for.
    var roomless: [UserReport]?
}

/// What a node says of itself. What is missing in Redis is nil.
struct NodeReport: Sendable, Equatable, Encodable {
    enum State: String, Sendable, Encodable {
        case up
        case draining
        /// Its lease has ended: its share of any room counts no more.
        case dead
        /// Dead, and another node is removing its shares.
        case cleaning
    }

    let id: String
    let state: State
    /// Milliseconds until its lease ends; nil when it has ended.
    var leaseLeft: Int64?
    var address: String?
    var version: String?
    var started: Int64?
    var sessions: Int?
    var users: Int?
    var rooms: Int?
    /// Entries stored for clients, and given to sessions, since the node started.
    var entries: Int?
    var deliveries: Int?
    /// Those of the last seconds, a second.
    var entryRate: Double?
    var deliveryRate: Double?
}

/// A room and who is in it.
struct RoomReport: Sendable, Equatable, Encodable {
    let room: String
    /// How many users are in it. With ``isCut`` users on several nodes count several times.
    var count: Int
    /// Whether ``users`` are not all, because there are more than the limit.
    var isCut: Bool
    /// By name, then id.
    var users: [UserReport]
}

/// A user in a room.
struct UserReport: Sendable, Equatable, Encodable {
    let id: String
    var name: String
    /// As a node wrote it: `online`, `away`, `busy`.
    var status: String
    /// The user's own line.
    var statusText: String?
    /// When the first of the sessions came.
    var since: Int64
    /// Of all nodes together.
    var sessions: Int
    /// The ids of the nodes the sessions are on.
    var nodes: [String]
}
