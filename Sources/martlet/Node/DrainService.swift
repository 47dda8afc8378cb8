import ChatCore
import ChatGateway
import Logging
import NIOCore
import ServiceLifecycle

/// Empties the node before it ends: no new sessions, then those here are asked to move, spread over the window.
///
/// The last service, so the first to end.
struct DrainService: Service, CustomStringConvertible {
    let loops: NodeLoops
    let hub: HubHandle
    let gate: ConnectionGate
    let window: Duration
    let logger: Logger

    var description: String { "DrainService" }

    func run() async throws {
        try? await gracefulShutdown()
        self.gate.close()
        self.hub.execute { $0.beginDraining() }
        guard await self.sessionCount() > 0 else { return }
        self.logger.info("draining", metadata: ["window": "\(self.window)"])
        let window = TimeAmount(self.window)
        await self.loops.forEach { $0.sessions.value.drain(window: window) }
        let clock = ContinuousClock()
        let deadline = clock.now + self.window
        while clock.now < deadline, await self.sessionCount() > 0 {
            try? await Task.sleep(for: .milliseconds(50))
        }
        await self.loops.forEach { $0.sessions.value.closeAll() }
        self.logger.info("drained")
    }

    private func sessionCount() async -> Int {
        var count = 0
        for member in self.loops.members {
            count += (try? await member.eventLoop.submit { member.sessions.value.statistics.sessions }.get()) ?? 0
        }
        return count
    }
}
