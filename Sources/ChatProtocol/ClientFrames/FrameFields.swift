/// The fields of a client's frame, read one by one with the refusals that the protocol names.
///
/// Unknown fields are ignored; `null` is the same as absent.
public struct FrameFields: Sendable {
    let object: JSONValue

    public init(_ object: JSONValue) {
        self.object = object
    }

    public func optionalString(_ name: String) throws(FrameError) -> String? {
        guard let value = self.object[name] else { return nil }
        guard let text = value.string else { throw FrameError(.badFrame, "'\(name)' must be a string") }
        return text
    }

    public func string(_ name: String) throws(FrameError) -> String {
        guard let text = try self.optionalString(name) else {
            throw FrameError(.badFrame, "'\(name)' is missing")
        }
        return text
    }

    public func optionalBool(_ name: String) throws(FrameError) -> Bool? {
        guard let value = self.object[name] else { return nil }
        guard let flag = value.bool else { throw FrameError(.badFrame, "'\(name)' must be true or false") }
        return flag
    }

    public func bool(_ name: String) throws(FrameError) -> Bool {
        guard let flag = try self.optionalBool(name) else { throw FrameError(.badFrame, "'\(name)' is missing") }
        return flag
    }

    public func optionalInteger(_ name: String, in range: ClosedRange<Int64>) throws(FrameError) -> Int64? {
        guard let value = self.object[name] else { return nil }
        guard let number = value.integer, range.contains(number) else {
            throw FrameError(.badFrame, "'\(name)' must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    public func optionalOffset(_ name: String) throws(FrameError) -> UInt64? {
        try self.optionalInteger(name, in: 0...(1 << 53 - 1)).map { UInt64($0) }
    }

    /// The text of `room`, whatever it is worth.
    public var rawRoom: String? { self.object["room"]?.string }

    public func optionalRoom(_ name: String = "room") throws(FrameError) -> RoomName? {
        guard let text = try self.optionalString(name) else { return nil }
        guard let room = RoomName(text) else { throw Self.badRoom }
        return room
    }

    public func room(_ name: String = "room") throws(FrameError) -> RoomName {
        guard let room = try self.optionalRoom(name) else { throw FrameError(.badFrame, "'\(name)' is missing") }
        return room
    }

    public func optionalName(_ name: String = "name") throws(FrameError) -> DisplayName? {
        guard let text = try self.optionalString(name) else { return nil }
        guard let displayName = DisplayName(text) else { throw Self.badName }
        return displayName
    }

    /// `key`: 1–64 of `A-Z a-z 0-9 _ -`.
    public func optionalKey(_ name: String = "key") throws(FrameError) -> String? {
        guard let key = try self.optionalString(name) else { return nil }
        guard (1...64).contains(key.utf8.count), key.utf8.allSatisfy(UserID.isAllowed) else {
            throw FrameError(.badFrame, "'\(name)' must be 1 to 64 of A-Z a-z 0-9 _ -")
        }
        return key
    }

    public func optionalPosition(_ name: String) throws(FrameError) -> Position? {
        guard let value = self.object[name] else { return nil }
        return try Self.position(value, name: name)
    }

    static func position(_ value: JSONValue, name: String) throws(FrameError) -> Position {
        let range: ClosedRange<Int64> = 0...(1 << 53 - 1)
        guard let epoch = value["epoch"]?.string, (1...64).contains(epoch.utf8.count),
            let offset = value["offset"]?.integer, range.contains(offset),
            let at = value["at"]?.integer, range.contains(at)
        else { throw FrameError(.badFrame, "'\(name)' must be a position {epoch, offset, at}") }
        return Position(epoch: epoch, offset: UInt64(offset), at: at)
    }

    static let badRoom = FrameError(
        .badRoom,
        "a room's name has 1 to 64 characters of a-z 0-9 . _ - and begins with a letter or digit"
    )
    static let badName = FrameError(.badName, "a name has \(DisplayName.rule)")
}
