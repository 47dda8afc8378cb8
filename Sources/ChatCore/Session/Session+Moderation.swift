import ChatProtocol
import NIOCore

/// Acts of moderators, owners and operators: decided on what is stored, and done only if that is still so.
extension Session {
    /// How often an act is decided anew because somebody else's came between.
    private static let attempts = 5

    /// Does an act, and answers the frame: with an `ack`, or with what `answer` makes of it.
    func moderate(
        _ room: RoomName, _ act: RoomAct, id: String?,
        answer: (@Sendable (Session) -> Void)? = nil
    ) {
        guard self.mayModerate(room, re: id) else { return }
        let acknowledge: @Sendable (Session) -> Void = { $0.acknowledge(id, room: room) }
        self.moderate(room, act, id: id, attempts: Self.attempts, then: answer ?? acknowledge)
    }

    private func moderate(
        _ room: RoomName, _ act: RoomAct, id: String?, attempts: Int, then answer: @escaping @Sendable (Session) -> Void
    ) {
        guard let identity else { return }
        let policies = self.loop.policies
        let eventLoop = self.loop.eventLoop
        let reading = policies.policy(of: room)
        let target: EventLoopFuture<ActTarget?> =
            act.target.map { policies.target($0).map { Optional($0) } } ?? eventLoop.makeSucceededFuture(nil)
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        reading.and(target).flatMap { reading, target -> EventLoopFuture<PolicyOutcome> in
            let moderation = Moderation(policy: reading.policy, actor: identity, room: room, now: reading.at)
            do throws(FrameError) {
                guard let change = try moderation.change(for: act, target: target) else {
                    return eventLoop.makeSucceededFuture(.applied)
                }
                let loop = bound.value.loop
                // Who is invited because they are in the room is read from Redis. When that knows who is, all is decided anew.
                guard change.invitesPresent == nil || attempts < Self.attempts else {
                    return loop.settlePresence(of: room).map { .stale }
                }
                return loop.policies.apply(change, to: room)
            } catch {
                return eventLoop.makeFailedFuture(error)
            }
        }.whenComplete { result in
            let session = bound.value
            switch result {
            case .success(.applied): session.moderated(room, act, by: identity, then: answer)
            case .success(.stale) where attempts > 1:
                session.moderate(room, act, id: id, attempts: attempts - 1, then: answer)
            case .success(.stale):
                let error = FrameError(.unavailable, "too many change this room at once", retryAfter: 1_000)
                session.refuse(error, re: id, room: room)
            case .success(.noSuchRoom):
                session.refuse(FrameError(.notFound, "there is no such room"), re: id, room: room)
            case .failure(let error as FrameError): session.refuse(error, re: id, room: room)
            case .failure(let error): session.refuse(FrameError(unavailable: error), re: id, room: room)
            }
        }
    }

    /// It is stored. This node goes by it before it is answered, the others as soon as they hear of it.
    private func moderated(
        _ room: RoomName, _ act: RoomAct, by identity: Identity, then answer: @escaping @Sendable (Session) -> Void
    ) {
        if case .invite(let user) = act {
            let by = NamedUser(id: identity.user, name: identity.name.string)
            self.loop.policies.tell(user, invitedTo: room, by: by)
        }
        let bound = NIOLoopBound(self, eventLoop: self.loop.eventLoop)
        self.loop.learnPolicy(of: room).whenComplete { _ in answer(bound.value) }
    }

    /// Whether a frame about a room's moderation is worth a look; refuses it otherwise.
    func mayModerate(_ room: RoomName, re id: String?) -> Bool {
        guard !room.isDirect else {
            self.refuse(FrameError(.forbidden, "a direct room has no moderators"), re: id, room: room)
            return false
        }
        if let objection = self.objection(ofScopeTo: room) {
            self.refuse(objection, re: id, room: room)
            return false
        }
        return self.paces(moderating: id)
    }

    /// Each act is read again by every node that has the room: nobody may make them read all the time.
    func paces(moderating id: String?) -> Bool {
        guard
            let wait = self.moderationLimiter.allow(
                now: NIODeadline.now().uptimeNanoseconds, perSecond: Limits.moderationsPerSecond,
                burst: Limits.moderationBurst)
        else { return true }
        let milliseconds = Int64(wait / 1_000_000) + 1
        self.refuse(FrameError(.rateLimited, "too many of these", retryAfter: milliseconds), re: id)
        return false
    }
}

extension SessionLoop {
    fileprivate func settlePresence(of room: RoomName) -> EventLoopFuture<Void> {
        self.answer { $0.settlePresence(of: room, promise: $1) }
    }

    /// This node goes by a room's policy as it is stored now, from when the future completes. It never fails: when it could
    /// not be read now, it is as soon as that is possible.
    func learnPolicy(of room: RoomName) -> EventLoopFuture<Void> {
        self.answer { $0.learnPolicy(of: room, promise: $1) }
    }

    /// When the hub has done what it is asked for.
    private func answer(_ ask: (HubHandle, EventLoopPromise<Void>) -> Void) -> EventLoopFuture<Void> {
        guard let hub = self.hub else { return self.eventLoop.makeSucceededVoidFuture() }
        let promise = self.eventLoop.makePromise(of: Void.self)
        ask(hub, promise)
        return promise.futureResult
    }
}
