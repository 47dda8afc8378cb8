/// Say a message of one's own otherwise.
public struct Edit: Sendable {
    public var room: RoomName
    /// The message's offset.
    public var target: UInt64
    public var text: String

    public init(room: RoomName, target: UInt64, text: String) {
        self.room = room
        self.target = target
        self.text = text
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
        self.target = try fields.target()
        self.text = try fields.string("text")
    }
}

/// Take a message back.
public struct Delete: Sendable {
    public var room: RoomName
    /// The message's offset.
    public var target: UInt64

    public init(room: RoomName, target: UInt64) {
        self.room = room
        self.target = target
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
        self.target = try fields.target()
    }
}

/// Leave an emoji at a message, or take it away again.
public struct React: Sendable {
    public var room: RoomName
    /// The message's offset.
    public var target: UInt64
    /// 1–32 characters and at most 64 bytes, without spaces and control characters: an emoji, or a name for one.
    public var emoji: String
    public var isOn: Bool

    public init(room: RoomName, target: UInt64, emoji: String, isOn: Bool) {
        self.room = room
        self.target = target
        self.emoji = emoji
        self.isOn = isOn
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        self.room = try fields.room()
        self.target = try fields.target()
        self.emoji = try fields.string("emoji")
        guard (1...32).contains(self.emoji.count), self.emoji.utf8.count <= 64,
            self.emoji.unicodeScalars.allSatisfy(Self.isAllowed)
        else { throw FrameError(.badFrame, "'emoji' has 1 to 32 characters, without spaces") }
        self.isOn = try fields.bool("on")
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory != .control && !scalar.properties.isWhitespace
    }
}

extension FrameFields {
    /// `offset`: the entry that a frame is about.
    func target() throws(FrameError) -> UInt64 {
        guard let target = try self.optionalInteger("offset", in: 1...(1 << 53 - 1)) else {
            throw FrameError(.badFrame, "'offset' is missing")
        }
        return UInt64(target)
    }
}
