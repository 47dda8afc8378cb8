/// Say something in a room or to a user.
public struct Send: Sendable {
    public enum Destination: Sendable, Equatable {
        case room(RoomName)
        case user(UserID)
    }

    public var destination: Destination
    public var text: String
    /// Makes the send safe to repeat.
    public var key: String?
    /// The offset of the entry this answers.
    public var replyTo: UInt64?
    /// "/me": the text says what the author does.
    public var action: Bool
    /// Stored before the message is; `nil` for one without.
    public var attachment: Attachment?

    public init(destination: Destination, text: String, key: String? = nil, action: Bool = false) {
        self.destination = destination
        self.text = text
        self.key = key
        self.action = action
    }

    public init(_ fields: FrameFields) throws(FrameError) {
        try self.init(fields, text: try fields.string("text"))
    }

    init(_ fields: FrameFields, text: @autoclosure () throws(FrameError) -> String) throws(FrameError) {
        switch (try fields.optionalRoom(), try fields.optionalString("to")) {
        case (let room?, nil):
            self.destination = .room(room)
        case (nil, let to?):
            guard let user = UserID(to) else { throw FrameError(.notFound, "there is no such user") }
            self.destination = .user(user)
        case (nil, nil), (.some, .some):
            throw FrameError(.badFrame, "give either 'room' or 'to'")
        }
        self.text = try text()
        self.key = try fields.optionalKey()
        self.replyTo = try fields.optionalInteger("replyTo", in: 1...(1 << 53 - 1)).map { UInt64($0) }
        self.action = try fields.optionalBool("action") ?? false
    }

    /// Makes the text what is stored of it (``MessageText``); without one, a file says something.
    public mutating func normaliseText(limit: Int) throws(FrameError) {
        if self.text.isEmpty, self.attachment != nil { return }
        self.text = try MessageText.normalise(self.text, limit: limit)
    }
}
