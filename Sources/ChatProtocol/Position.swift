/// Where a client or a node is in a room's log: the last entry it has.
///
/// Compare `epoch` first: offsets of different epochs say nothing about each other. `at` lets a node see that the
/// entry now at `offset` is another one, which happens after a Redis failover that lost writes.
public struct Position: Hashable, Sendable {
    /// A short text that names one life of a log.
    public var epoch: String
    /// The number of the last entry: 1, 2, 3 …; 0 when the log is empty.
    public var offset: UInt64
    /// Milliseconds since the Unix epoch by Redis's clock; 0 when the log is empty.
    public var at: Int64

    public init(epoch: String, offset: UInt64, at: Int64) {
        self.epoch = epoch
        self.offset = offset
        self.at = at
    }
}
