/// Where users are, a page of it. It encodes to what `/api/v1/presence` answers.
///
/// Times are milliseconds since the Unix epoch by Redis's clock.
struct PlacesReport: Sendable, Equatable, Encodable {
    let at: Int64
    /// How many places there are in all.
    var count: Int
    var users: [PlaceReport]
    /// Where the next page begins; nil: there is none.
    var after: String?
}

/// A user on a node, in one of its rooms if ``room`` is there.
struct PlaceReport: Sendable, Equatable, Encodable {
    let id: String
    var name: String
    var status: String
    var statusText: String?
    /// When the user came to this place.
    var since: Int64
    var sessions: Int
    var node: String
    var room: String?

    init(id: String, value: ShareValue, node: String, room: String?) {
        self.id = id
        self.name = value.name
        self.status = value.status
        self.statusText = value.statusText
        self.since = value.since
        self.sessions = value.sessions
        self.node = node
        self.room = room
    }
}

/// The public rooms, a page of them. It encodes to what `/api/v1/rooms` answers.
struct RoomsReport: Sendable, Equatable, Encodable {
    let at: Int64
    /// How many rooms there are in all.
    var count: Int
    /// By name.
    var rooms: [RoomLine]
    var after: String?

    struct RoomLine: Sendable, Equatable, Encodable {
        let room: String
        var topic: String?
        /// Who is there on two nodes counts twice.
        var members: Int
        /// The nodes with members.
        var nodes: Int
        /// The offset of its last entry, and when that was stored; nil: nothing was said yet.
        var offset: Int?
        var lastAt: Int64?
    }
}

/// The whole cluster in a few numbers. It encodes to what `/api/v1/stats` answers.
struct ClusterStatistics: Sendable, Equatable, Encodable {
    let at: Int64
    /// Those whose lease is valid.
    var nodes = 0
    var sessions = 0
    /// Each counted once.
    var users = 0
    var rooms = 0
    /// Of the nodes that live, since each of them started.
    var entries = 0
    var deliveries = 0
    /// Of the last seconds, a second.
    var entryRate = 0.0
    var deliveryRate = 0.0

    init(at: Int64, nodes reports: [NodeReport], users: Int, rooms: Int) {
        self.at = at
        self.users = users
        self.rooms = rooms
        for node in reports where node.leaseLeft != nil {
            nodes += 1
            sessions += node.sessions ?? 0
            entries += node.entries ?? 0
            deliveries += node.deliveries ?? 0
            entryRate += node.entryRate ?? 0
            deliveryRate += node.deliveryRate ?? 0
        }
    }
}
