import ChatProtocol

/// Decides about an act, and says what it changes: everything that can be decided of it, as a value.
struct Moderation {
    let policy: RoomPolicy
    let actor: Identity
    let room: RoomName
    /// Milliseconds by Redis's clock.
    let now: Int64

    /// How many a list has at most.
    static func limit(of list: RoomPolicy.List) -> Int {
        switch list {
        case .roles: 100
        case .bans, .mutes: 1_000
        case .invitations: 10_000
        case .kicks: 100
        }
    }

    /// For how long a kick is kept for nodes that did not hear of it, in milliseconds.
    static let kickMemory: Int64 = 3_600_000

    private var permissions: Permissions {
        Permissions(of: self.actor.user, isOperator: self.actor.isOperator, under: self.policy, at: self.now)
    }

    /// - Parameter target: of an act that has one.
    /// - Returns: `nil` when it would change nothing.
    func change(for act: RoomAct, target: ActTarget?) throws(FrameError) -> PolicyChange? {
        for right in act.rights where !self.isSteppingDown(act) {
            if let objection = self.permissions.objection(to: right) { throw objection }
        }
        var change = PolicyChange(version: self.policy.version)
        change.audit = [.init("act", act.name), .init("by", self.actor.user.string)]
        change.audit.append(.init("byName", self.actor.name.string))
        if self.actor.isOperator { change.audit.append(.init("operator", "1")) }
        if let user = act.target {
            try self.check(act, against: user, target)
            change.audit += [.init("user", user.string), .init("name", self.name(of: user, target))]
        }
        try self.apply(act, target, to: &change)
        guard !change.edits.isEmpty else { return nil }
        // In front: who is banned anew has an old ban.
        change.edits = self.expired() + change.edits
        return change
    }

    /// A moderator may give up being one.
    private func isSteppingDown(_ act: RoomAct) -> Bool {
        act == .appoint(self.actor.user, .member) && self.permissions.standing == .moderator
    }

    // MARK: Who may what to whom

    private func check(_ act: RoomAct, against user: UserID, _ target: ActTarget?) throws(FrameError) {
        if case .appoint(_, let role) = act { return try self.check(appointing: user, role, target) }
        guard user != self.actor.user else { throw FrameError(.forbidden, "nobody does that to themself") }
        let isKnown = target?.name != nil || act.takesBack
        guard isKnown else { throw FrameError(.notFound, "there is no such user") }
        guard target?.isOperator != true || act.takesBack else { throw Self.anOperator }
        guard self.permissions.mayAct(against: self.standing(of: user)) else { throw Self.equal }
    }

    private func check(appointing user: UserID, _ role: RoomRole, _ target: ActTarget?) throws(FrameError) {
        guard target?.name != nil || role == .member else { throw FrameError(.notFound, "there is no such user") }
        if role != .member, self.policy.ban(of: user, at: self.now) != nil {
            throw FrameError(.forbidden, "the user is banned from the room: unban them first")
        }
        guard self.permissions.standing != .clusterOperator else { return }
        guard user == self.actor.user else {
            guard target?.isOperator != true else { throw Self.anOperator }
            guard self.permissions.mayAct(against: self.standing(of: user)) else { throw Self.equal }
            return
        }
        let owners = self.policy[.roles].values.count { $0.role == .owner }
        guard role == .owner || owners > 1 || self.permissions.standing < .owner else {
            throw FrameError(.forbidden, "you are the last owner: name another one first")
        }
    }

    private static let anOperator = FrameError(.forbidden, "nobody may act against an operator of the cluster")
    private static let equal = FrameError(.forbidden, "only those who stand above somebody may act against them")

    private func standing(of user: UserID) -> Standing {
        Standing(of: user, isOperator: false, under: self.policy, at: self.now)
    }

    // MARK: What it changes

    private func apply(_ act: RoomAct, _ target: ActTarget?, to change: inout PolicyChange) throws(FrameError) {
        switch act {
        case .kick(let user, let reason):
            try self.put(user, on: .kicks, target, reason: reason, into: &change)
        case .ban(let user, let reason, let duration):
            try self.put(user, on: .bans, target, reason: reason, duration: duration, into: &change)
            self.take(user, off: .roles, from: &change)
            self.take(user, off: .invitations, from: &change)
        case .mute(let user, let reason, let duration):
            try self.put(user, on: .mutes, target, reason: reason, duration: duration, into: &change)
        case .unban(let user): try self.takeBack(user, from: .bans, "the user is not banned", in: &change)
        case .unmute(let user): try self.takeBack(user, from: .mutes, "the user is not muted", in: &change)
        case .uninvite(let user): try self.takeBack(user, from: .invitations, "the user is not invited", in: &change)
        case .invite(let user):
            guard self.policy.ban(of: user, at: self.now) == nil else {
                throw FrameError(.forbidden, "the user is banned from the room: unban them first")
            }
            guard !self.policy.isInvited(user) else { return }
            try self.put(user, on: .invitations, target, into: &change)
        case .appoint(let user, let role): try self.appoint(user, role, target, in: &change)
        case .topic(let topic):
            change.audit.append(.init("topic", topic ?? ""))
            if topic != self.policy.settings.topic { change.edits.append(.setting("topic", topic)) }
        case .configure(let access, let isAnnouncement, let slowMode):
            self.configure(access, isAnnouncement, slowMode, in: &change)
        }
    }

    private func appoint(
        _ user: UserID, _ role: RoomRole, _ target: ActTarget?, in change: inout PolicyChange
    ) throws(FrameError) {
        guard self.policy.role(of: user) != role else { return }
        change.audit.append(.init("role", role.rawValue))
        guard role == .member else { return try self.put(user, on: .roles, target, role: role, into: &change) }
        self.take(user, off: .roles, from: &change)
        // Who had a role was no guest of somebody's: without it they remain.
        if self.policy.settings.access == .private, !self.policy.isInvited(user) {
            try self.put(user, on: .invitations, target, into: &change)
        }
    }

    private func configure(
        _ access: RoomAccess?, _ isAnnouncement: Bool?, _ slowMode: Int64?, in change: inout PolicyChange
    ) {
        let settings = self.policy.settings
        if let access, access != settings.access {
            change.edits.append(.setting("access", access == .public ? nil : access.rawValue))
            change.audit.append(.init("access", access.rawValue))
            if access == .private {
                change.invitesPresent = RoomPolicy.Record(name: "", by: self.actorNamed, at: self.now)
            }
        }
        if let isAnnouncement, isAnnouncement != settings.isAnnouncement {
            change.edits.append(.setting("announcement", isAnnouncement ? "1" : nil))
            change.audit.append(.init("announcement", isAnnouncement ? "1" : "0"))
        }
        if let slowMode, slowMode != settings.slowMode {
            change.edits.append(.setting("slowMode", slowMode > 0 ? String(slowMode) : nil))
            change.audit.append(.init("slowMode", String(slowMode)))
        }
    }

    // MARK: Lists

    private func put(
        _ user: UserID, on list: RoomPolicy.List, _ target: ActTarget?, role: RoomRole? = nil, reason: String? = nil,
        duration: Int64? = nil, into change: inout PolicyChange
    ) throws(FrameError) {
        let known = self.policy[list]
        let isFull = known.values.count { self.isKept($0, on: list) } >= Self.limit(of: list)
        // A kick that nobody needs any more makes room for another.
        if isFull, known[user] == nil, list != .kicks {
            throw FrameError(.tooMany, "the room has as many \(list.rawValue) as it may have")
        }
        if isFull, list == .kicks, let oldest = known.min(by: { $0.value.at < $1.value.at }) {
            change.edits.append(.record(.kicks, oldest.key, nil))
        }
        let until = duration.map { self.now + $0 }
        let record = RoomPolicy.Record(
            name: self.name(of: user, target), role: role, by: self.actorNamed, at: self.now, until: until,
            reason: reason
        )
        change.edits.append(.record(list, user, record))
        if let reason { change.audit.append(.init("reason", reason)) }
        if let until { change.audit.append(.init("until", String(until))) }
    }

    private func take(_ user: UserID, off list: RoomPolicy.List, from change: inout PolicyChange) {
        if self.policy[list][user] != nil { change.edits.append(.record(list, user, nil)) }
    }

    private func takeBack(
        _ user: UserID, from list: RoomPolicy.List, _ otherwise: String, in change: inout PolicyChange
    ) throws(FrameError) {
        guard let record = self.policy[list][user], record.holds(at: self.now) else {
            throw FrameError(.notFound, otherwise)
        }
        change.edits.append(.record(list, user, nil))
    }

    private func isKept(_ record: RoomPolicy.Record, on list: RoomPolicy.List) -> Bool {
        list == .kicks ? record.at + Self.kickMemory > self.now : record.holds(at: self.now)
    }

    /// What nobody needs any more goes with the next act.
    private func expired() -> [PolicyChange.Edit] {
        [RoomPolicy.List.bans, .mutes, .kicks].flatMap { list in
            self.policy[list].filter { !self.isKept($0.value, on: list) }.map { .record(list, $0.key, nil) }
        }
    }

    private var actorNamed: NamedUser { NamedUser(id: self.actor.user, name: self.actor.name.string) }

    /// One who is forgotten goes by the name on a list.
    private func name(of user: UserID, _ target: ActTarget?) -> String {
        if let name = target?.name { return name }
        return RoomPolicy.List.allCases.lazy.compactMap { self.policy[$0][user]?.name }.first ?? user.string
    }
}
