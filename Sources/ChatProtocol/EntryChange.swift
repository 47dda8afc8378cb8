/// What an entry changes: a message before it in the same log.
public struct EntryChange: Sendable, Equatable, BitwiseCopyable {
    public enum Kind: Sendable, Equatable, BitwiseCopyable {
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
