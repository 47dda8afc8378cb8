/// Who may come to a room.
public enum RoomAccess: String, Sendable, CaseIterable {
    /// Everybody; the room is listed.
    case `public`
    /// Everybody who knows the name.
    case unlisted
    /// Whom a moderator has invited.
    case `private`
}

/// What somebody is in a room. Who has no other role is a member.
public enum RoomRole: String, Sendable, CaseIterable {
    case owner
    case moderator
    case member
}

/// How a room is set up. Those of a room that nobody has set up are the defaults.
public struct RoomSettings: Sendable, Equatable {
    /// One line; `nil`: none.
    public var topic: String?
    public var access: RoomAccess
    /// Only owners and moderators may say something.
    public var isAnnouncement: Bool
    /// Milliseconds between two messages of one member; 0: no limit.
    public var slowMode: Int64

    public init(
        topic: String? = nil, access: RoomAccess = .public, isAnnouncement: Bool = false, slowMode: Int64 = 0
    ) {
        self.topic = topic
        self.access = access
        self.isAnnouncement = isAnnouncement
        self.slowMode = slowMode
    }
}

/// One line of a user's own: a status, a topic, a reason.
public enum OneLine {
    /// Drops the space around a text.
    ///
    /// - Returns: `nil` when nothing is left.
    /// - Throws: `too_large`, or `bad_frame` for control characters, line breaks, and marks that turn the direction of
    ///   what stands beside them: these texts stand in lines with others'.
    public static func trimmed(_ text: String, bytes: Int, field: String) throws(FrameError) -> String? {
        guard text.utf8.count <= bytes else {
            throw FrameError(.tooLarge, "'\(field)' may have \(bytes) bytes at most")
        }
        guard text.unicodeScalars.allSatisfy({ !Self.isControl($0) }) else {
            throw FrameError(.badFrame, "'\(field)' is one line without control characters and marks of direction")
        }
        let trimmed = text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isBidiControl
        }
    }
}
