public import NIOCore

/// The front of a binary frame: four bytes, big endian, the length of a JSON header; the header; the bytes.
public struct AttachmentHeader: Sendable {
    /// Bytes that the JSON header may have.
    public static let limit = 8 * 1024

    public var id: String?
    public var fields: FrameFields

    public init(_ frame: ByteBuffer) throws(FrameError) {
        var frame = frame
        guard let length = frame.readInteger(as: UInt32.self), length <= Self.limit,
            let header = frame.readSlice(length: Int(length))
        else { throw FrameError(.badFrame, "a binary frame begins with the length of its JSON header") }
        let decoded: ClientFrame
        do throws(ClientFrame.Failure) {
            decoded = try ClientFrame.decode(header)
        } catch {
            throw error.error
        }
        guard decoded.type == "attach" else { throw FrameError(.badFrame, "a binary frame is of type 'attach'") }
        self.id = decoded.id
        self.fields = decoded.fields
    }
}
