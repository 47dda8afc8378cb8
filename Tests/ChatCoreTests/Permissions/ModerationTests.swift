import ChatProtocol
import Testing

@testable import ChatCore

/// What an act changes, and which are refused, as values.
@Suite struct ModerationTests {
    private let now: Int64 = 1_000_000
    private var policy = RoomPolicy(version: 7)

    init() throws {
        policy[.roles] = [
            try user("owner"): .init(name: "owner", role: .owner, at: 1),
            try user("mod"): .init(name: "mod", role: .moderator, at: 1),
        ]
    }

    private func change(
        _ act: RoomAct, by actor: String, isOperator: Bool = false,
        target: ActTarget? = ActTarget(name: "bob", isOperator: false),
        under policy: RoomPolicy? = nil
    ) throws -> PolicyChange? {
        let identity = Identity(
            user: try user(actor), name: try #require(DisplayName(actor)), isOperator: isOperator)
        let moderation = Moderation(
            policy: policy ?? self.policy, actor: identity, room: try #require(RoomName("lobby")), now: now)
        return try moderation.change(for: act, target: act.target == nil ? nil : target)
    }

    private func refusal(
        _ act: RoomAct, by actor: String, isOperator: Bool = false,
        target: ActTarget? = ActTarget(name: "bob", isOperator: false),
        under policy: RoomPolicy? = nil
    ) throws -> ErrorCode? {
        do {
            _ = try change(act, by: actor, isOperator: isOperator, target: target, under: policy)
            return nil
        } catch let error as FrameError {
            return error.code
        }
    }

    private func isRecord(_ edit: PolicyChange.Edit?, of user: UserID, on list: RoomPolicy.List) -> Bool {
        if case .record(list, user, .some)? = edit { true } else { false }
    }

    @Test func aBanIsARecordAndTakesRoleAndInvitation() throws {
        var policy = self.policy
        policy[.invitations] = [try user("mod"): .init(name: "mod", at: 1)]
        let change = try #require(
            try change(.ban(try user("mod"), reason: "spam", duration: 500), by: "owner", under: policy))
        let by = NamedUser(id: try user("owner"), name: "owner")
        #expect(change.version == 7)
        #expect(
            change.edits == [
                .record(
                    .bans, try user("mod"),
                    .init(name: "bob", by: by, at: now, until: now + 500, reason: "spam")),
                .record(.roles, try user("mod"), nil), .record(.invitations, try user("mod"), nil),
            ])
        let audit = change.audit.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        #expect(audit == "act=ban by=owner byName=owner user=mod name=bob reason=spam until=1000500")
    }

    @Test func whoStandsAboveMayAndNobodyElse() throws {
        let bob = try user("bob")
        for act in [
            RoomAct.kick(bob, reason: nil), .ban(bob, reason: nil, duration: nil), .mute(bob, reason: nil, duration: 1),
        ] {
            #expect(try refusal(act, by: "mod") == nil)
            #expect(try refusal(act, by: "member") == .forbidden)
            #expect(try refusal(act, by: "boss", isOperator: true) == nil)
            #expect(try refusal(act, by: "owner", target: ActTarget(name: "bob", isOperator: true)) == .forbidden)
            #expect(
                try refusal(act, by: "boss", isOperator: true, target: ActTarget(name: "b", isOperator: true))
                    == .forbidden)
            #expect(try refusal(act, by: "mod", target: ActTarget(name: nil, isOperator: false)) == .notFound)
        }
        #expect(try refusal(.kick(try user("owner"), reason: nil), by: "mod") == .forbidden)
        #expect(try refusal(.kick(try user("mod"), reason: nil), by: "mod") == .forbidden)
        #expect(try refusal(.kick(try user("mod"), reason: nil), by: "owner") == nil)
        #expect(try refusal(.kick(try user("owner"), reason: nil), by: "owner") == .forbidden)
        #expect(try refusal(.kick(try user("owner"), reason: nil), by: "boss", isOperator: true) == nil)
    }

    @Test func rolesAndTheLastOwner() throws {
        let (owner, mod, bob) = (try user("owner"), try user("mod"), try user("bob"))
        #expect(try refusal(.appoint(bob, .moderator), by: "mod") == .forbidden)
        #expect(try refusal(.appoint(bob, .owner), by: "owner") == nil)
        #expect(try refusal(.appoint(owner, .member), by: "owner") == .forbidden)
        #expect(try refusal(.appoint(owner, .member), by: "boss", isOperator: true) == nil)
        #expect(try refusal(.appoint(owner, .member), by: "mod") == .forbidden)
        #expect(try change(.appoint(owner, .owner), by: "owner") == nil)
        #expect(try refusal(.appoint(mod, .member), by: "mod") == nil)
        #expect(try refusal(.appoint(mod, .owner), by: "mod") == .forbidden)
        var two = policy
        two[.roles][bob] = .init(name: "bob", role: .owner, at: 1)
        #expect(try refusal(.appoint(owner, .moderator), by: "owner", under: two) == nil)
        #expect(try refusal(.appoint(bob, .member), by: "owner", under: two) == .forbidden)
        var banning = policy
        banning[.bans][bob] = .init(name: "bob", at: 1)
        #expect(try refusal(.appoint(bob, .moderator), by: "owner", under: banning) == .forbidden)
        #expect(try refusal(.invite(bob), by: "mod", under: banning) == .forbidden)
    }

    @Test func whoLosesARoleInAPrivateRoomStaysInvited() throws {
        var policy = self.policy
        policy.settings.access = .private
        let mod = try user("mod")
        let edits = try change(.appoint(mod, .member), by: "owner", under: policy)?.edits
        #expect(edits?.count == 2)
        #expect(edits.map { self.isRecord($0.last, of: mod, on: .invitations) } == true)
    }

    @Test func takingBackWhatIsNotThere() throws {
        let bob = try user("bob")
        for act in [RoomAct.unban(bob), .unmute(bob), .uninvite(bob)] {
            #expect(try refusal(act, by: "mod") == .notFound)
        }
        var policy = self.policy
        policy[.bans][bob] = .init(name: "bobby", at: 1, until: now)
        #expect(try refusal(.unban(bob), by: "mod", under: policy) == .notFound, "it has ended")
        policy[.bans][bob] = .init(name: "bobby", at: 1)
        let forgotten = ActTarget(name: nil, isOperator: false)
        let change = try #require(try change(.unban(bob), by: "mod", target: forgotten, under: policy))
        #expect(change.edits == [.record(.bans, bob, nil)])
        #expect(change.audit.last == .init("name", "bobby"))
    }

    @Test func settings() throws {
        #expect(try refusal(.topic("x"), by: "member") == .forbidden)
        #expect(try change(.topic("x"), by: "mod")?.edits == [.setting("topic", "x")])
        #expect(try change(.topic(nil), by: "mod") == nil, "there is none")
        let slow = RoomAct.configure(access: nil, isAnnouncement: nil, slowMode: 5)
        #expect(try change(slow, by: "mod")?.edits == [.setting("slowMode", "5")])
        let closed = RoomAct.configure(access: .private, isAnnouncement: true, slowMode: nil)
        #expect(try refusal(closed, by: "mod") == .forbidden)
        let change = try #require(try change(closed, by: "owner"))
        #expect(change.edits == [.setting("access", "private"), .setting("announcement", "1")])
        #expect(change.invitesPresent?.at == now)
        let open = RoomAct.configure(access: .public, isAnnouncement: false, slowMode: 0)
        #expect(try self.change(open, by: "owner") == nil, "nothing changes")
    }

    @Test func listsAreBoundedAndWhatHasEndedMakesRoom() throws {
        var policy = self.policy
        for number in 0..<1_000 { policy[.bans][try user("u\(number)")] = .init(name: "x", at: 1, until: now + 1) }
        let act = RoomAct.ban(try user("bob"), reason: nil, duration: nil)
        #expect(try refusal(act, by: "mod", under: policy) == .tooMany)
        #expect(try refusal(.ban(try user("u3"), reason: nil, duration: nil), by: "mod", under: policy) == nil)
        policy[.bans][try user("u7")] = .init(name: "x", at: 1, until: now)
        let edits = try #require(try change(act, by: "mod", under: policy)?.edits)
        #expect(edits.first == .record(.bans, try user("u7"), nil) && edits.count == 2)
        // Who is banned anew has an old ban, which must not take the new one away.
        let again = try #require(
            try change(.ban(try user("u7"), reason: nil, duration: 9), by: "mod", under: policy)?.edits)
        #expect(isRecord(again.last, of: try user("u7"), on: .bans))
        for number in 0..<100 { policy[.kicks][try user("k\(number)")] = .init(name: "x", at: now - Int64(number)) }
        let kick = try #require(try change(.kick(try user("bob"), reason: nil), by: "mod", under: policy)?.edits)
        #expect(kick.contains(.record(.kicks, try user("k99"), nil)))
    }

    @Test func whoIsRemovedByAPolicy() throws {
        let (bob, former) = (try user("bob"), policy)
        #expect(policy.removal(of: bob, since: former, at: now) == nil)
        var policy = self.policy
        policy[.kicks][bob] = .init(name: "bob", at: 5, reason: "out")
        #expect(policy.removal(of: bob, since: former, at: now) == .init(reason: "out"))
        #expect(policy.removal(of: bob, since: policy, at: now) == nil, "an old kick")
        policy.settings.access = .private
        #expect(policy.removal(of: bob, since: policy, at: now) != nil)
        #expect(policy.removal(of: try user("mod"), since: policy, at: now) == nil)
        policy[.bans][try user("mod")] = .init(name: "m", at: 1, until: now + 1)
        #expect(policy.removal(of: try user("mod"), since: policy, at: now) == .init(reason: nil))
        #expect(policy.removal(of: try user("mod"), since: policy, at: now + 1) == nil)
    }
}
