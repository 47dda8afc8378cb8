public import NIOCore

/// A frame from a client, as far as all types are alike; its command reads the rest from `fields`.
public struct ClientFrame: Sendable {
    public var type: String
    /// What the reply carries as `re`.
    public var id: String?
    public var fields: FrameFields
    /// What follows the header of a binary frame; `nil` for a text frame.
    public var bytes: ByteBuffer?

    public init(type: String, id: String?, fields: FrameFields, bytes: ByteBuffer? = nil) {
        self.type = type
        self.id = id
        self.fields = fields
        self.bytes = bytes
    }

    /// Why a frame could not be read, with its `id` where that much was legible.
    public struct Failure: Error, Sendable, Equatable {
        public var id: String?
        public var error: FrameError
    }

    /// Reads one text message.
    public static func decode(_ text: ByteBuffer) throws(Failure) -> ClientFrame {
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue.parse(text)
        } catch {
            throw Failure(id: nil, error: FrameError(.badFrame, "not JSON: \(error)"))
        }
        guard value.object != nil else {
            throw Failure(id: nil, error: FrameError(.badFrame, "a frame is a JSON object"))
        }
        var id: String?
        if let given = value["id"] {
            guard let text = given.string, (1...64).contains(text.count), text.utf8.count <= 256 else {
                throw Failure(id: nil, error: FrameError(.badFrame, "'id' must be a string of 1 to 64 characters"))
            }
            id = text
        }
        guard let type = value["type"]?.string else {
            throw Failure(id: id, error: FrameError(.badFrame, "'type' must be a string"))
        }
        return ClientFrame(type: type, id: id, fields: FrameFields(value))
    }
}
