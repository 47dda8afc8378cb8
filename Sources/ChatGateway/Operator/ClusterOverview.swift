public import ChatProtocol
public import NIOCore

/// What operators may know of the whole cluster: each a JSON object, as `/api/v1/…` answers it (docs/openapi.yaml).
///
/// From any task. Throws when the store does not answer.
public protocol ClusterOverview: Sendable {
    /// The nodes, and what each tells about itself.
    func nodes() async throws -> ByteBuffer

    /// The whole cluster in a few numbers; what it costs grows with the number of nodes only.
    func statistics() async throws -> ByteBuffer

    /// A page of the rooms, by name.
    func rooms(after: String?, limit: Int) async throws -> ByteBuffer

    /// A page of where users are.
    func presence(_ query: PresenceQuery) async throws -> ByteBuffer
}

/// What of the presence an operator asks for. `nil`: everything.
public struct PresenceQuery: Sendable, Equatable {
    public var room: RoomName?
    /// An id or a name.
    public var user: String?
    /// An id or a node's name.
    public var node: String?
    public var after: String?
    public var limit: Int

    public init(room: RoomName? = nil, user: String? = nil, node: String? = nil, after: String? = nil, limit: Int) {
        self.room = room
        self.user = user
        self.node = node
        self.after = after
        self.limit = limit
    }
}
