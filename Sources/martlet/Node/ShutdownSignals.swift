import Logging
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// SIGTERM and SIGINT over the whole life of the process, the start included: the first one asks for a graceful end, a
/// second one ends at once.
actor ShutdownSignals {
    private let logger: Logger
    private var group: ServiceGroup?
    private var firstAt: ContinuousClock.Instant?
    private var watch: Task<Void, Never>?

    private init(logger: Logger) {
        self.logger = logger
    }

    /// Takes the signals from now on, in place of the default, which would end the process without cleaning up.
    static func trap(logger: Logger) async -> ShutdownSignals {
        let signals = ShutdownSignals(logger: logger)
        let sequence = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        await signals.watch(sequence)
        return signals
    }

    private func watch(_ sequence: UnixSignalsSequence) {
        // Unstructured: it lives as long as the process.
        self.watch = Task {
            for await signal in sequence { await self.received(signal) }
        }
    }

    /// Whether an end was asked for already.
    var wasReceived: Bool { self.firstAt != nil }

    /// Whom to ask for a graceful end from now on; at once, if a signal came before.
    func attach(_ group: ServiceGroup) async {
        self.group = group
        if self.wasReceived { await group.triggerGracefulShutdown() }
    }

    private func received(_ signal: UnixSignal) async {
        let now = ContinuousClock.now
        guard let firstAt = self.firstAt else {
            self.firstAt = now
            await self.group?.triggerGracefulShutdown()
            return
        }
        // Some supervisors send a signal twice in one breath, to the process and to its group: that counts once.
        guard now - firstAt > .milliseconds(500) else { return }
        self.logger.warning("a second signal: ending at once", metadata: ["signal": "\(signal)"])
        exit(1)
    }
}
