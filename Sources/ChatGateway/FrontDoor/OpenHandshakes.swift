import Synchronization

/// How many connections have not sent a whole request head yet. Shared by the event loops.
final class OpenHandshakes: Sendable {
    private let open = Atomic(0)

    var count: Int { self.open.load(ordering: .relaxed) }

    func began() { self.open.wrappingAdd(1, ordering: .relaxed) }

    func ended() { self.open.wrappingSubtract(1, ordering: .relaxed) }
}
