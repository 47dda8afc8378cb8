import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient

// Names for tests; a literal that is none is a mistake in the test.

func room(_ text: String = "lobby") throws -> RoomName {
    guard let room = RoomName(text) else { throw TestProblem("not a room: \(text)") }
    return room
}

func user(_ text: String = "u1") throws -> UserID {
    guard let user = UserID(text) else { throw TestProblem("not a user's id: \(text)") }
    return user
}

func node(_ text: String) throws -> NodeID {
    guard let node = NodeID(text) else { throw TestProblem("not a node's id: \(text)") }
    return node
}

func name(_ text: String) throws -> DisplayName {
    guard let name = DisplayName(text) else { throw TestProblem("not a name: \(text)") }
    return name
}

func present(_ id: String, name: String? = nil, status: String = "online", sessions: Int = 1) throws -> PresentUser {
    PresentUser(id: try user(id), name: name ?? id, status: status, since: 7, sessions: sessions)
}

func body(_ text: String) -> ByteBuffer {
    ByteBuffer(string: #""type":"message","text":"\#(text)"}"#)
}

extension LogEntry {
    /// The whole entry as text.
    var text: String { String(buffer: self.json) }
}

extension StoresOnLoop {
    @discardableResult
    func append(
        _ text: String,
        to room: RoomName,
        by author: String = "u1",
        key: String? = nil,
        known: Position? = nil
    ) async throws -> Appended {
        let request = AppendRequest(
            room: room, author: try user(author), body: body(text), key: key, known: known
        )
        return try await self.wait { $0.append(request) }
    }

    func latest(_ room: RoomName, limit: Int = 100) async throws -> LogPage {
        try await self.wait { $0.log.open(room, limit: limit) }
    }

    func since(_ position: Position, _ room: RoomName, limit: Int = 500, bytes: Int = 1 << 20) async throws -> Recovery
    {
        try await self.wait { $0.log.entries(after: position, in: room, limit: limit, byteLimit: bytes) }
    }

    /// The value of a string key or of a field of a hash.
    func text(_ command: RedisArgument...) async throws -> String? {
        try await self.wait { $0.link.send(command) }.string
    }

    func texts(_ command: RedisArgument...) async throws -> [String] {
        try await self.wait { $0.link.send(command) }.array?.compactMap(\.string) ?? []
    }
}
