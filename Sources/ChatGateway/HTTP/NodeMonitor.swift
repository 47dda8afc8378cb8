public import ChatCore
import NIOCore

/// What the outside may know of a node: whether it is ready, and its counters.
public struct NodeMonitor: Sendable {
    private let loops: [LoopHandle]
    private let hub: HubHandle
    private let gate: ConnectionGate

    public init(loops: [LoopHandle], hub: HubHandle, gate: ConnectionGate) {
        self.loops = loops
        self.hub = hub
        self.gate = gate
    }

    /// `nil`: ready for sessions.
    func whyNotReady() async -> String? {
        guard self.gate.isOpen else { return "the node drains" }
        let promise = self.hub.eventLoop.makePromise(of: Bool.self)
        self.hub.execute { promise.succeed($0.isReady) }
        guard (try? await promise.futureResult.get()) ?? false else { return Self.noRedis }
        for loop in self.loops {
            let promise = loop.eventLoop.makePromise(of: Bool.self)
            loop.execute { promise.succeed($0.isDegraded) }
            if (try? await promise.futureResult.get()) ?? true { return Self.noRedis }
        }
        return nil
    }

    private static let noRedis = "Redis cannot be reached"

    /// All counters in Prometheus' text format, version 0.0.4.
    func metrics() async -> String {
        var total = LoopStatistics()
        for loop in self.loops {
            let promise = loop.eventLoop.makePromise(of: LoopStatistics.self)
            loop.execute { promise.succeed($0.statistics) }
            if let statistics = try? await promise.futureResult.get() { total += statistics }
        }
        let rows: [(name: String, kind: String, help: String, value: UInt64)] = [
            ("martlet_sessions", "gauge", "Open sessions.", UInt64(max(0, total.sessions))),
            ("martlet_frames_received_total", "counter", "Frames read from clients.", total.frames),
            ("martlet_entries_appended_total", "counter", "Entries stored for clients.", total.appends),
            ("martlet_entries_delivered_total", "counter", "Entries given to sessions.", total.deliveries),
            ("martlet_errors_total", "counter", "Errors told to clients.", total.errors),
        ]
        return rows.map { "# HELP \($0.name) \($0.help)\n# TYPE \($0.name) \($0.kind)\n\($0.name) \($0.value)\n" }
            .joined()
    }
}
