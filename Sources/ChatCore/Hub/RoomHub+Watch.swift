import ChatProtocol
import Logging
import NIOCore

/// Looking for what nobody would tell: a deaf link, and a last entry that got lost in a room where nothing follows.
extension RoomHub {
    func probeLink(now: NIODeadline) {
        guard self.health.subscriberIsUp else { return }
        if self.probe.isOverdue(now: now) {
            self.logger.warning("the subscriber link is deaf: connecting again")
            self.health.isDeaf = true
            return self.subscriptions.reconnect(reason: "an echo did not come back")
        }
        guard self.probe.isDue(now: now) else { return }
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let echo = ByteBuffer(string: "{\"type\":\"echo\"}")
        self.presenceStore.publish(echo, to: .echo(self.node)).whenComplete { result in
            hub.value.probe.published(receivers: try? result.get(), now: .now())
        }
    }

    func heardEcho() {
        self.probe.heard(now: .now())
        guard self.health.isDeaf else { return }
        self.health.isDeaf = false
        self.logger.info("the subscriber link hears again")
    }

    func compareQuietRooms(now: NIODeadline) {
        guard self.health.isUp else { return }
        for name in self.quietRooms.next(now: now, all: self.rooms.keys) {
            guard let room = self.rooms[name], !room.isReading, let before = room.feed.head else { continue }
            self.log.head(of: name).assumeIsolated().whenSuccess { head in
                if let head { return self.compare(head, before: before, in: room) }
                // Its log is gone: opening it makes one, of another epoch.
                self.log.open(name, limit: 0).assumeIsolated().whenSuccess { page in
                    let head = LogHead(position: page.head, policyVersion: page.policyVersion)
                    self.compare(head, before: before, in: room)
                }
            }
        }
    }

    private func compare(_ head: LogHead, before: Position, in room: HubRoom) {
        guard self.rooms[room.name] === room else { return }
        self.perform(room.feed.compare(head.position, before: before), in: room)
        self.compare(policyVersion: head.policyVersion, of: room)
        self.flushSoon()
    }
}
