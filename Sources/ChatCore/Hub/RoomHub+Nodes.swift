import ChatProtocol
import Logging
import NIOCore

/// The lives of nodes: this one's heartbeats, and what follows when others' end or when Redis has lost what it knew.
extension RoomHub {
    func beat(now: NIODeadline) {
        guard self.health.nextBeat <= now else { return }
        self.health.nextBeat = now + self.settings.heartbeat
        self.onHeartbeat?()
        let vitals = NodeVitals(
            sessions: self.users.values.reduce(0) { $0 + $1.sessions.reduce(0, +) },
            users: self.users.count,
            rooms: self.rooms.count,
            isDraining: self.health.isDraining,
            traffic: self.traffic.measure(now: now)
        )
        self.askForTraffic()
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.presenceStore.heartbeat(vitals).whenSuccess { hub.value.heard($0, now: .now()) }
        self.freeFormerNames()
        guard self.health.nextKeep <= now else { return }
        self.health.nextKeep = now + .minutes(3)
        self.directory.keep(self.users.map { ($0.key, $0.value.name) })
    }

    /// For the next heartbeat.
    private func askForTraffic() {
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.outbox.executeOnAll { index, loop in
            let statistics = loop.statistics
            hub.eventLoop.execute { hub.value.traffic.heard(statistics, from: index) }
        }
    }

    private func heard(_ heartbeat: Heartbeat, now: NIODeadline) {
        if heartbeat.node != self.node { self.moved(to: heartbeat.node) }
        if !heartbeat.leaseWasValid || self.health.mustRewrite { self.rewriteShares() }
        // A node that was missing twice is gone; once may be the moment between its start and its first heartbeat.
        let known = heartbeat.living.union(self.living)
        self.living = heartbeat.living
        for room in self.rooms.values {
            for node in room.presence.otherNodes where heartbeat.dead.contains(node) || !known.contains(node) {
                self.lost.note(node, now: now)
            }
            if room.notices.count > known.count { room.notices = room.notices.filter { known.contains($0.key) } }
        }
        guard heartbeat.leaseWasValid, self.health.mayCleanUp(now: now, lease: self.settings.lease) else { return }
        for node in heartbeat.dead { _ = self.presenceStore.cleanUp(after: node) }
    }

    /// Those found dead a moment ago, and not alive since, have nobody here any more.
    func takeOutLostNodes(now: NIODeadline) {
        let nodes = self.lost.takeDue(now: now).subtracting(self.living)
        guard !nodes.isEmpty else { return }
        for room in self.rooms.values {
            for node in room.presence.otherNodes.intersection(nodes) {
                room.presence.replace(node, with: [])
                self.dirtyRooms.insert(room.name)
            }
        }
    }

    /// The lease had ended: the others count us as dead, so we go on under another id and write everything again.
    private func moved(to node: NodeID) {
        self.logger.warning("the lease had ended", metadata: ["node": "\(self.node)", "now": "\(node)"])
        self.subscriptions.unsubscribe(.echo(self.node))
        self.node = node
        self.subscribeToOwnTopics()
        self.directory.move(to: node)
        self.tellAll(.moved(node))
        for room in self.rooms.values { room.presence.move(to: node) }
    }

    /// What this node itself has to hear. Asked for whenever the link is up again, too: what was asked for while it was down, or
    /// was not confirmed yet, the link does not remember, and without its echo a node takes its link for deaf for good.
    func subscribeToOwnTopics() {
        self.ownNodes.insert(self.node)
        _ = self.subscriptions.subscribe(.echo(self.node))
        for node in self.ownNodes { _ = self.subscriptions.subscribe(.posts(node)) }
    }

    /// Redis lost our share or never got it: write it again, all of it.
    private func rewriteShares() {
        self.health.mustRewrite = false
        for room in self.rooms.values where room.presence.ownCount > 0 {
            self.list(room)
            room.presence.rewriteAll()
            self.dirtyRooms.insert(room.name)
        }
        self.directory.keep(self.users.map { ($0.key, $0.value.name) })
    }
}
