public import NIOCore

/// Say something with a file.
public struct Attach: Sendable {
    /// What is said; its text may be empty.
    public var send: Send
    public var name: String
    /// What the sender takes it for.
    public var mediaType: String
    public var bytes: ByteBuffer

    /// - Parameter bytes: `nil`: this was a text frame, which carries no file.
    public init(_ fields: FrameFields, bytes: ByteBuffer?) throws(FrameError) {
        guard let bytes else { throw FrameError(.badFrame, "'attach' is the header of a binary frame") }
        self.bytes = bytes
        self.send = try Send(fields, text: try fields.optionalString("text") ?? "")
        guard let name = Attachment.fileName(try fields.string("name")) else {
            throw FrameError(
                .badFrame,
                "'name' is a file's: 1 to 255 bytes without control characters and marks of direction, not '.' or '..'")
        }
        self.name = name
        self.mediaType = try fields.string("mediaType")
        guard self.mediaType.utf8.count <= 255 else { throw FrameError(.badFrame, "'mediaType' is too long") }
    }
}
