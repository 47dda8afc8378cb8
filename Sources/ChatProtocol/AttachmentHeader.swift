public import NIOCore

/// A binary frame: four bytes, big endian, the length of a JSON header; the header; the attachment's bytes.
public struct AttachmentHeader: Sendable {
    /// Bytes that the JSON header may have.
    public static let limit = 8 * 1024

    public var id: String?
    public var fields: FrameFields
    /// What follows the header: the attachment, which may be empty.
    public var bytes: ByteBuffer

    public init(_ frame: ByteBuffer) throws(FrameError) {
        var frame = frame
        guard let length = frame.readInteger(as: UInt32.self), length <= Self.limit,
            let header = frame.readSlice(length: Int(length))
        else {
            let rule = "a binary frame begins with the length of its JSON header, \(Self.limit) bytes at most"
            throw FrameError(.badFrame, rule)
        }
        let decoded: ClientFrame
        do throws(ClientFrame.Failure) {
            decoded = try ClientFrame.decode(header)
        } catch {
            throw error.error
        }
        guard decoded.type == "attach" else { throw FrameError(.badFrame, "a binary frame is of type 'attach'") }
        self.id = decoded.id
        self.fields = decoded.fields
        self.bytes = frame
    }

    /// The frame as commands take it.
    public var frame: ClientFrame {
        ClientFrame(type: "attach", id: self.id, fields: self.fields, bytes: self.bytes)
    }
}
