/// What a node tells the operators about itself, besides its vitals.
public struct NodeDescription: Sendable, Hashable {
    /// The node's name, the same in all its lives.
    public var name: String
    /// Where the node listens, for people: `10.0.0.7:8080`.
    public var address: String
    public var version: String

    public init(name: String, address: String, version: String) {
        self.name = name
        self.address = address
        self.version = version
    }
}
