/// One server process, one life of it: `NAME-<random>`. Each life has its own, so nothing of a former life counts.
public struct NodeID: Hashable, Sendable, CustomStringConvertible {
    public let string: String

    /// Reads an id as it stands in Redis: 1–80 characters of `A-Z a-z 0-9 _ - .`.
    public init?(_ text: String) {
        let bytes = text.utf8
        guard (1...80).contains(bytes.count),
            bytes.allSatisfy({ UserID.isAllowed($0) || $0 == UInt8(ascii: ".") })
        else { return nil }
        self.string = text
    }

    /// A new life of the node called `name`; `nil` when the name has other characters or more than 63.
    public init?(newLifeOf name: String) {
        guard name.utf8.count <= 63 else { return nil }
        self.init(name + "-" + RandomText.hexadecimal(bits: 64).prefix(8))
    }

    public var description: String { self.string }
}
