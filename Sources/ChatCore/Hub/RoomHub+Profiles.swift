import ChatProtocol
import NIOCore

/// What users have set for themselves, as this node has it, and what is addressed to all of a user's sessions.
extension RoomHub {
    /// Profiles that are read at once after the link was down.
    private static let profileBatch = 100

    /// An ephemeral event on a user's channel.
    func receivedEvent(_ payload: ByteBuffer, _ json: JSONValue, for id: UserID) {
        switch json["type"]?.string {
        case "profile": self.learnProfile(of: id, promise: nil)
        case "mention":
            guard let author = json["entry"]?["from"]?["id"]?.string.flatMap({ UserID($0) }),
                self.users[id]?.profile.hides(author) == false
            else { return }
            self.tell(id, payload)
        case "invited":
            guard let by = json["by"]?["id"]?.string.flatMap({ UserID($0) }),
                self.users[id]?.profile.hides(by) == false
            else { return }
            self.tell(id, payload)
        case "read", "typing": self.receivedMarker(payload, json, for: id)
        default: return
        }
    }

    /// Gives an ephemeral event to all sessions that a user has on this node.
    func tell(_ id: UserID, _ event: ByteBuffer) {
        guard let user = self.users[id] else { return }
        for loop in self.outbox.loopIndices where user.sessions[loop] > 0 {
            self.outbox.add(.toUser(id, event), to: loop)
        }
        self.flushSoon()
    }

    /// A user's name or status is another one: the lists, the rooms and the user's own sessions are told.
    func showChange(of id: UserID) {
        guard let user = self.users[id] else { return }
        self.show(id)
        let status = user.profile.status
        for room in self.rooms.values where room.presence.update(id, name: user.name.string, status: status) {
            room.snapshot = nil
            self.dirtyRooms.insert(room.name)
        }
        let member = Member(id: id, name: user.name.string, status: status.kind.rawValue, statusText: status.text)
        self.tell(id, Event.user(member))
    }

    /// Writes into the node's list, and that of everyone online, what a user is called now, and how.
    func show(_ id: UserID) {
        guard let user = self.users[id] else { return }
        let status = user.profile.status
        self.directory.show(
            PresentUser(
                id: id, name: user.name.string, status: status.kind.rawValue, statusText: status.text,
                since: user.since, sessions: 1
            )
        )
    }

    // MARK: Reading

    /// Should it fail, the link to Redis is in trouble: profiles are read again when that is over.
    func learnProfile(of id: UserID, promise: EventLoopPromise<Profile>?) {
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.profiles.profile(of: id).map { profile in
            hub.value.take(profile, of: id)
            return profile
        }.cascade(to: promise)
    }

    /// The link was down: what users set meanwhile, on other nodes, was missed. Some at a time, one batch after another.
    func readProfiles(of ids: ArraySlice<UserID>) {
        let batch = ids.prefix(Self.profileBatch)
        guard !batch.isEmpty else { return }
        let rest = ids.dropFirst(Self.profileBatch)
        let hub = NIOLoopBound(self, eventLoop: self.eventLoop)
        let readings = batch.map { id in
            self.profiles.profile(of: id).map { hub.value.take($0, of: id) }
        }
        EventLoopFuture.andAllComplete(readings, on: self.eventLoop).whenComplete { _ in
            hub.value.readProfiles(of: rest)
        }
    }

    private func take(_ profile: Profile, of id: UserID) {
        guard let former = self.users[id]?.profile, former != profile else { return }
        self.users[id]?.profile = profile
        if let ban = profile.ban(at: self.health.now()), former.ban != profile.ban {
            self.tellAll(.banned(id, reason: ban.reason))
        }
        if former.status != profile.status { self.showChange(of: id) }
    }
}
