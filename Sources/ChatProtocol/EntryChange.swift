import NIOCore

/// What an entry changes: a message before it in the same log.
public struct EntryChange: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        case edited
        case deleted
        case reacted
    }

    public var kind: Kind
    /// The message's offset.
    public var target: UInt64

    public init(kind: Kind, target: UInt64) {
        self.kind = kind
        self.target = target
    }
}

extension LogEntry {
    /// `nil` for a message. Reads the front of the entry only, for it is asked of every entry.
    public var change: EntryChange? {
        self.json.withUnsafeReadableBytes { bytes in
            var cursor = EntryCursor(bytes: bytes)
            guard cursor.skip("{\"offset\":"), cursor.integer() != nil, cursor.skip(",\"epoch\":\""),
                cursor.skipText(), cursor.skip(",\"at\":"), cursor.integer() != nil, cursor.skip(",\"type\":\""),
                let kind = cursor.changeKind(), cursor.skip("\",\"target\":"), let target = cursor.integer()
            else { return nil }
            return EntryChange(kind: kind, target: target)
        }
    }
}

extension EntryCursor {
    fileprivate mutating func changeKind() -> EntryChange.Kind? {
        if self.skip("edited") { return .edited }
        if self.skip("deleted") { return .deleted }
        if self.skip("reacted") { return .reacted }
        return nil
    }
}
