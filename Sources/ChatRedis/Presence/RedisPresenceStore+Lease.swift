public import ChatCore
internal import ChatProtocol
internal import Logging
public import NIOCore
internal import RedisClient

extension RedisPresenceStore {
    /// Prolongs the lease, and writes what the node tells about itself.
    ///
    /// When the lease has ended the node takes a new id, whose lease begins with the same call: the answer names it.
    public func heartbeat(_ vitals: NodeVitals) -> EventLoopFuture<Heartbeat> {
        let pulse = self.pulse().assumeIsolated().flatMap { pulse in
            guard pulse.state == .ended, !self.lease.isResigned else { return self.succeeded(pulse) }
            return self.beginNewLife()
        }
        pulse.whenComplete { result in
            guard case .success(let pulse) = result, pulse.state != .ended else { return self.lease.fail() }
            self.lease.beat(now: .now(), redisTime: pulse.now, lease: self.settings.lease)
            self.describe(vitals)
        }
        return pulse.map { pulse in
            Heartbeat(
                leaseWasValid: pulse.state == .valid || self.lease.isResigned,
                living: pulse.living,
                dead: pulse.dead,
                node: self.node
            )
        }.nonisolated()
    }

    public func resign(grace: TimeAmount) -> EventLoopFuture<Void> {
        self.lease.isResigned = true
        self.attempt(["HSET", RedisArgument(self.keys.node(self.node)), "state", "draining"])
        return self.link.run(
            RedisScripts.resign,
            keys: [RedisArgument(self.keys.leases)],
            arguments: [RedisArgument(self.node.string), RedisArgument(max(0, grace.milliseconds))]
        ).reading("resign") { _ in () }
    }

    /// The lease has ended, and nobody may write under its id any more: others are removing what it left.
    private func beginNewLife() -> EventLoopFuture<Pulse> {
        guard let node = NodeID(newLifeOf: self.description.name) else {
            let reason = "the lease has ended, and \(self.description.name) is no name to make a new id of"
            return self.link.eventLoop.makeFailedFuture(StoreError.refused(reason))
        }
        self.logger.warning("This node's lease in Redis had ended; it goes on as \(node)")
        self.node = node
        self.lease.restart()
        return self.pulse()
    }

    private func pulse() -> EventLoopFuture<Pulse> {
        self.link.run(
            RedisScripts.heartbeat,
            keys: [RedisArgument(self.keys.leases), RedisArgument(self.keys.dead)],
            arguments: [
                RedisArgument(self.node.string),
                RedisArgument(self.lease.isResigned ? 0 : max(1, self.settings.lease.milliseconds)),
                self.lease.hasBegun ? "0" : "1",
            ]
        ).reading("heartbeat", Pulse.init)
    }

    private func describe(_ vitals: NodeVitals) {
        let key = RedisArgument(self.keys.node(self.node))
        self.attempt([
            "HSET", key,
            "address", RedisArgument(self.description.address),
            "started", RedisArgument(self.lease.started ?? 0),
            "version", RedisArgument(self.description.version),
            "sessions", RedisArgument(vitals.sessions),
            "users", RedisArgument(vitals.users),
            "rooms", RedisArgument(vitals.rooms),
            "entries", RedisArgument(Int64(clamping: vitals.traffic.entries)),
            "deliveries", RedisArgument(Int64(clamping: vitals.traffic.deliveries)),
            "entryRate", RedisArgument(Self.rate(vitals.traffic.entriesPerSecond)),
            "deliveryRate", RedisArgument(Self.rate(vitals.traffic.deliveriesPerSecond)),
            "state", self.lease.isResigned || vitals.isDraining ? "draining" : "up",
        ])
        self.attempt(["PEXPIRE", key, RedisArgument(4 * max(1, self.settings.lease.milliseconds))])
    }

    /// With one decimal.
    private static func rate(_ perSecond: Double) -> String {
        String((perSecond * 10).rounded() / 10)
    }

    private func succeeded(_ pulse: Pulse) -> EventLoopFuture<Pulse> {
        self.link.eventLoop.makeSucceededFuture(pulse)
    }
}

/// The answer of `heartbeat.lua`.
private struct Pulse: Sendable {
    enum State: Int {
        case ended = 0
        case valid = 1
        case began = 2
    }

    let state: State
    let now: Int64
    let living: Set<NodeID>
    let dead: Set<NodeID>

    init?(_ reply: RedisValue) {
        guard let values = reply.array, values.count == 4, let state = values[0].int.flatMap({ State(rawValue: $0) }),
            let now = values[1].int, let living = Self.nodes(values[2]), let dead = Self.nodes(values[3])
        else { return nil }
        self.state = state
        self.now = Int64(now)
        self.living = living
        self.dead = dead
    }

    private static func nodes(_ value: RedisValue) -> Set<NodeID>? {
        value.array.map { Set($0.compactMap { $0.string.flatMap { NodeID($0) } }) }
    }
}
