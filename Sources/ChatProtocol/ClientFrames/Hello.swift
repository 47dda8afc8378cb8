/// The first frame of a session: who it is and what it wants to go on with.
public struct Hello: Sendable {
    public var token: String?
    public var name: DisplayName?
    /// Rooms to be in again, each with the last position the client has; a room without one is joined anew.
    public var resume: [(room: RoomName, since: Position)]
    /// What `resume` names that cannot be a room; each gets an error of its own.
    public var noRooms: [String] = []

    public init(token: String? = nil, name: DisplayName? = nil, resume: [(room: RoomName, since: Position)] = []) {
        self.token = token
        self.name = name
        self.resume = resume
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.token = try fields.optionalString("token")
        self.name = try fields.optionalName()
        self.resume = []
        guard let given = fields.object["resume"] else { return }
        guard let members = given.object else {
            throw FrameError(.badFrame, "'resume' must be an object of positions by room")
        }
        for member in Self.lastOfEachName(members) where member.value != .null {
            let position = try FrameFields.position(member.value, name: "resume")
            if let room = RoomName(member.name) {
                self.resume.append((room, position))
            } else {
                self.noRooms.append(member.name)
            }
        }
    }

    /// A room given twice is resumed once, from the position given last.
    private static func lastOfEachName(_ members: [JSONValue.JSONMember]) -> [JSONValue.JSONMember] {
        var last: [String: Int] = [:]
        for (index, member) in members.enumerated() { last[member.name] = index }
        return members.enumerated().filter { last[$0.element.name] == $0.offset }.map(\.element)
    }
}
