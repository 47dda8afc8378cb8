/// Hear no more of somebody.
public struct Block: Sendable {
    public var user: UserID

    public init(user: UserID) {
        self.user = user
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.user = try fields.user()
    }
}

/// Hear of somebody again.
public struct Unblock: Sendable {
    public var user: UserID

    public init(user: UserID) {
        self.user = user
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.user = try fields.user()
    }
}

extension FrameFields {
    /// `user`: an id.
    func user() throws(FrameError) -> UserID {
        guard let user = UserID(try self.string("user")) else {
            throw FrameError(.notFound, "there is no such user")
        }
        return user
    }
}

/// What a user can choose; without any field it only asks.
public struct Settings: Sendable {
    /// Whether others are shown what the user has read.
    public var showsReading: Bool?

    public init(showsReading: Bool? = nil) {
        self.showsReading = showsReading
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.showsReading = try fields.optionalBool("showReading")
    }
}
