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
            let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
            let bound = NIOLoopBound(room, eventLoop: self.eventLoop)
            self.log.open(name, limit: 0).whenSuccess { page in
                guard hub.value.rooms[name] === bound.value else { return }
                hub.value.perform(bound.value.feed.compare(page.head, before: before), in: bound.value)
                hub.value.compare(policyVersion: page.policyVersion, of: bound.value)
                hub.value.flushSoon()
            }
        }
    }
}
