import Synchronization

/// Whether new sessions are taken. Closed first when the node drains.
public final class ConnectionGate: Sendable {
    private let state = Atomic(true)

    public init() {}

    public var isOpen: Bool { self.state.load(ordering: .relaxed) }

    public func close() {
        self.state.store(false, ordering: .relaxed)
    }
}
