import ChatProtocol
import NIOCore

/// From `hello` to `welcome`: who it is, a name, the user's channel, the rooms to be in again.
extension Session {
    func hello(_ hello: Hello, re: String?) {
        guard case .new = self.phase else { return }
        guard hello.token != nil || self.loop.identities.allowsGuests else {
            self.tell(.error(re: re, room: nil, FrameError(.unauthorized, "log in first: there are no guests here")))
            return self.close(.unauthorized, reason: "there are no guests here")
        }
        self.phase = .opening(
            Opening(identity: nil, re: re, resume: hello.resume, noRooms: hello.noRooms, token: hello.token))
        guard let token = hello.token else { return self.proved(nil, name: hello.name) }
        let session = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
        self.loop.identities.verify(token, on: self.loop.eventLoop).whenComplete { result in
            switch result {
            case .success(let identity): session.value.proved(identity, name: hello.name)
            case .failure(let error as InvalidToken):
                session.value.notArrived(FrameError(.unauthorized, error.reason), code: .unauthorized)
            case .failure(let error): session.value.notArrived(FrameError(unavailable: error))
            }
        }
    }

    /// It is known who that is, or it is a new guest.
    private func proved(_ known: Identity?, name: DisplayName?) {
        guard case .opening = self.phase else { return }
        let user = known?.user ?? UserID.randomGuest()
        guard let guest = DisplayName("guest-" + user.string.suffix(6)) else { return }
        let session = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
        self.formerName(of: known).flatMap { former in
            let given = known.flatMap { $0.isNamedByIssuer ? $0.name : nil }
            let name = name ?? given ?? former ?? guest
            return session.value.loop.directory.arrive(user, name: name, former: former).map { ($0, former) }
        }.whenComplete { result in
            switch result {
            case .success((let arrival, let former)): session.value.named(known, user, arrival, former: former)
            case .failure(let error): session.value.notArrived(FrameError(unavailable: error))
            }
        }
    }

    /// The name somebody went by last: it may have been changed since the token was made.
    private func formerName(of known: Identity?) -> EventLoopFuture<DisplayName?> {
        guard let known else { return self.loop.eventLoop.makeSucceededFuture(nil) }
        return self.loop.directory.name(of: known.user).map { $0.flatMap { DisplayName($0) } ?? known.name }
    }

    /// The name is reserved; next the user's channel, so that nothing addressed to the user is missed.
    private func named(_ known: Identity?, _ user: UserID, _ arrival: Arrival, former: DisplayName?) {
        guard case .opening(var opening) = self.phase else {
            self.loop.hub?.abandon(user, name: arrival.name)
            return
        }
        opening.identity = Identity(
            user: user, name: arrival.name, expiresAt: known?.expiresAt, generation: known?.generation,
            isOperator: known?.isOperator ?? false, scope: known?.scope
        )
        self.loop.clockSkew = arrival.at - WallClock.milliseconds()
        self.phase = .opening(opening)
        let ticket = self.loop.ticket(arriving: self)
        let isOperator = known?.isOperator ?? false
        if isOperator { self.loop.policies.noteOperator(user) }
        self.loop.hub?.arrive(
            user, name: arrival.name, at: arrival.at, isOperator: isOperator, loop: self.loop.index, ticket: ticket)
        // The user's other sessions go by the new name, too: the former one has been freed.
        if let former, former != arrival.name { self.loop.hub?.renamed(user, to: arrival.name) }
    }

    /// The user's channel is subscribed: whoever logs out from now on is heard of. Now look who did before.
    func arrived() {
        guard case .opening(let opening) = self.phase, let identity = opening.identity else { return }
        guard identity.generation != nil else { return self.admitted() }
        let session = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
        self.loop.isCurrent(identity).whenComplete { result in
            switch result {
            case .success(true): session.value.admitted()
            case .success(false):
                session.value.notArrived(
                    FrameError(.unauthorized, "the user has logged out: log in again"), code: .unauthorized)
            case .failure(let error): session.value.notArrived(FrameError(unavailable: error))
            }
        }
    }

    private func admitted() {
        guard case .opening(var opening) = self.phase, let identity = opening.identity else { return }
        opening.isWelcomed = true
        // One more than there are rooms: what waits must not be taken up between two of them.
        opening.unanswered = opening.resume.count + 1
        let resume = opening.resume
        opening.resume = []
        let token = opening.token
        opening.token = nil
        self.phase = .opening(opening)
        self.register(identity)
        self.tell(.welcome(self.welcome(identity, token: token, re: opening.re)))
        if self.loop.isDegraded { self.tell(.degraded(on: true, reason: "Redis is away"), ephemeral: true) }
        for room in opening.noRooms {
            self.tell(.error(re: nil, room: String(room.prefix(128)), FrameError(.badRoom, "this is no room's name")))
        }
        for (room, since) in resume {
            self.join(Join(room: room, since: since), re: nil)
        }
        // Who does not read is let go while being told.
        guard !self.isEnded else { return }
        self.receiveDirectRooms(of: identity.user)
        self.answeredResume()
    }

    func notArrived(_ error: FrameError, code: CloseCode = .internalError) {
        guard case .opening(let opening) = self.phase else { return }
        self.tell(.error(re: opening.re, room: nil, error))
        guard error.code != .tooMany else { return self.close(.tooFast, reason: error.message) }
        guard error.code != .forbidden else { return self.close(.banned, reason: "banned") }
        let reason = code == .unauthorized ? error.message : "the node cannot reach its store; try again"
        self.close(code, reason: reason)
    }

    /// - Parameter token: what the session came with. Only a guest gets another, which keeps the latest name: what others
    ///   made must not be prolonged or widened by us, and in an account's the name is the one it logs in with.
    private func welcome(_ identity: Identity, token: String?, re: String?) -> Welcome {
        let guestToken = { self.loop.identities.guestToken(for: identity.user, name: identity.name) }
        return Welcome(
            re: re,
            session: self.id,
            node: self.loop.node,
            user: identity.user,
            name: identity.name,
            isOperator: identity.isOperator,
            token: identity.user.isGuest ? guestToken() : token ?? guestToken(),
            expiresAt: identity.expiresAt,
            limits: self.loop.settings.limits,
            pingInterval: self.loop.settings.pingInterval.nanoseconds / 1_000_000,
            streamKey: self.streamKey
        )
    }

    /// One room to be resumed has its answer; after the last, the frames that came in meanwhile are taken up.
    func answeredResume() {
        guard case .opening(var opening) = self.phase, opening.isWelcomed, let identity = opening.identity else {
            return
        }
        opening.unanswered -= 1
        self.phase = .opening(opening)
        guard opening.unanswered <= 0 else { return }
        self.phase = .open(identity)
        for frame in opening.waiting {
            self.run(frame)
        }
    }

    // MARK: The loop's list of users

    var isRegistered: Bool {
        switch self.phase {
        case .open: true
        case .opening(let opening): opening.isWelcomed
        case .new, .ended: false
        }
    }

    private func register(_ identity: Identity) {
        self.loop.users[identity.user, default: []].append(self)
    }

    /// Those that are open here. One that is being resumed follows with its answer, and not before: what is delivered
    /// meanwhile is part of that.
    private func receiveDirectRooms(of user: UserID) {
        for room in self.loop.rooms.values where room.isAttached && room.name.isDirect(of: user) {
            self.receive(from: room)
        }
    }

    /// Before the session leaves its rooms: the hub then knows, when a room is given up, who is still here.
    func depart(_ identity: Identity, wasRegistered: Bool) {
        if wasRegistered {
            self.loop.users[identity.user]?.removeAll { $0 === self }
            if self.loop.users[identity.user]?.isEmpty == true { self.loop.users[identity.user] = nil }
        }
        self.loop.hub?.depart(identity.user, loop: self.loop.index)
    }

    /// The user has another name now. Told with the event that the hub sends for it.
    func renamed(_ name: DisplayName) {
        switch self.phase {
        case .open(let identity):
            var renamed = identity
            renamed.name = name
            self.phase = .open(renamed)
        case .opening(var opening):
            opening.identity?.name = name
            self.phase = .opening(opening)
        case .new, .ended:
            return
        }
    }

    /// Sends an ephemeral event, where the dialect shows such.
    func tell(event: ByteBuffer) {
        guard self.isRegistered, let frames = self.loop.encoder.encode(event: event, as: self.encoding) else { return }
        self.output.write(frames, ephemeral: true)
        self.loop.flushSoon()
    }
}
