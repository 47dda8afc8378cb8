import Synchronization

/// How many connections each address has on this node. Shared by the event loops; asked when connections come and go.
final class ConnectionCounter: Sendable {
    private let counts = Mutex<[ClientAddress: Int]>([:])

    func count(_ address: ClientAddress) -> Int {
        self.counts.withLock { $0[address] ?? 0 }
    }

    /// - Returns: false when the address has `limit` connections already.
    func acquire(_ address: ClientAddress, limit: Int) -> Bool {
        self.counts.withLock { counts in
            let count = counts[address] ?? 0
            guard count < limit else { return false }
            counts[address] = count + 1
            return true
        }
    }

    func release(_ address: ClientAddress) {
        self.counts.withLock { counts in
            let count = (counts[address] ?? 0) - 1
            counts[address] = count > 0 ? count : nil
        }
    }
}
