import NIOCore

extension LogEntry {
    /// The attachment that the message carries, if any. Reads as much as it has to, without parsing.
    public var attachment: AttachmentID? {
        guard let start = self.json.readableBytesView.firstRange(of: Self.attachmentStart)?.upperBound else {
            return nil
        }
        let rest = self.json.readableBytesView[start...]
        guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        return AttachmentID(String(decoding: rest[..<end], as: UTF8.self))
    }

    /// Quotes within a text are escaped, so nothing that a user writes reads like this.
    private static let attachmentStart = Array(#","attachment":{"id":""#.utf8)

    /// The entry with a link to its attachment, for those who may follow it.
    ///
    /// `attachment` is the last field of an entry (``MessageBody``), so the link goes in front of the last two braces.
    ///
    /// - Parameter url: holds nothing that JSON escapes.
    public func linked(to url: String) -> LogEntry {
        var linked = self
        guard let end = self.json.getSlice(at: self.json.writerIndex - 2, length: 2), end == ByteBuffer(string: "}}")
        else { return self }
        linked.json = self.json
        linked.json.moveWriterIndex(to: self.json.writerIndex - 2)
        linked.json.writeString(",\"url\":\"\(url)\"}}")
        return linked
    }
}
