import ChatProtocol
import Testing

@testable import ChatCore

/// The table of `docs/moderation.md`, cell by cell.
@Suite struct PermissionsTests {
    /// In the order of ``Standing``: banned, stranger, member, moderator, owner, operator.
    private static let table: [RoomRight: String] = [
        .enter: "--++++",
        .list: "--++++",
        .read: "--++++",
        .write: "--++++",
        .react: "--++++",
        .retract: "--++++",
        .retractOthers: "---+++",
        .topic: "---+++",
        .slowMode: "---+++",
        .kick: "---+++",
        .ban: "---+++",
        .mute: "---+++",
        .invite: "---+++",
        .review: "---+++",
        .configure: "----++",
        .appoint: "----++",
    ]

    /// What differs in some rooms.
    private static func expected(_ right: RoomRight, _ settings: RoomSettings, isMuted: Bool) -> String {
        if isMuted, right == .write || right == .react { return "-----+" }
        if settings.isAnnouncement, right == .write { return "---+++" }
        if settings.access == .unlisted, right == .list { return "---+++" }
        return Self.table[right] ?? "no row"
    }

    @Test(arguments: RoomRight.allCases)
    func everyCell(_ right: RoomRight) {
        for access in RoomAccess.allCases {
            for (isAnnouncement, isMuted) in [(false, false), (false, true), (true, false), (true, true)] {
                let settings = RoomSettings(access: access, isAnnouncement: isAnnouncement)
                let row = Standing.allCases.map { standing in
                    let permissions = Permissions(standing: standing, settings: settings, isMuted: isMuted)
                    #expect((permissions.objection(to: right) == nil) == permissions.allows(right))
                    return permissions.allows(right) ? "+" : "-"
                }.joined()
                let expected = Self.expected(right, settings, isMuted: isMuted)
                #expect(row == expected, "\(right) in \(settings), muted: \(isMuted)")
            }
        }
    }

    /// Who may act against whom: only who stands above.
    @Test func everyPair() {
        let rows = Standing.allCases.map { actor in
            let permissions = Permissions(standing: actor)
            return Standing.allCases.map { permissions.mayAct(against: $0) ? "+" : "-" }.joined()
        }
        #expect(rows == ["------", "------", "------", "+++---", "++++--", "+++++-"])
    }

    @Test func thePaceIsForMembers() {
        let settings = RoomSettings(slowMode: 5_000)
        let paces = Standing.allCases.map { Permissions(standing: $0, settings: settings).pace }
        #expect(paces == [5_000, 5_000, 5_000, nil, nil, nil])
        #expect(Permissions(standing: .member).pace == nil)
    }

    @Test func aStandingIsWhatThePolicySays() throws {
        var policy = RoomPolicy(version: 1)
        policy[.roles] = [
            try user("owner"): .init(name: "o", role: .owner, at: 1),
            try user("mod"): .init(name: "m", role: .moderator, at: 1),
        ]
        policy[.bans] = [
            try user("gone"): .init(name: "g", at: 1), try user("back"): .init(name: "b", at: 1, until: 100),
            try user("mod2"): .init(name: "m", at: 1),
        ]
        policy[.invitations] = [try user("guest"): .init(name: "g", at: 1)]
        func standing(_ name: String, isOperator: Bool = false, at now: Int64 = 100) throws -> Standing {
            Standing(of: try user(name), isOperator: isOperator, under: policy, at: now)
        }
        #expect(try standing("owner") == .owner)
        #expect(try standing("mod") == .moderator)
        #expect(try standing("gone") == .banned)
        #expect(try standing("back") == .member)
        #expect(try standing("back", at: 99) == .banned)
        #expect(try standing("gone", isOperator: true) == .clusterOperator)
        #expect(try standing("anybody") == .member)
        policy.settings.access = .private
        #expect(try standing("anybody") == .stranger)
        #expect(try standing("guest") == .member)
        #expect(try standing("mod") == .moderator)
    }

    @Test func aRefusalSaysWhy() throws {
        var policy = RoomPolicy(version: 1)
        let ann = try user("ann")
        policy[.bans] = [ann: .init(name: "a", at: 1, reason: "spam")]
        let banned = Permissions(of: ann, isOperator: false, under: policy, at: 5)
        #expect(banned.objection(to: .enter)?.message == "you are banned from this room: spam")
        #expect(Permissions(standing: .stranger).objection(to: .enter)?.message.contains("private") == true)
        let muted = Permissions(standing: .member, isMuted: true)
        #expect(muted.objection(to: .write)?.message.contains("muted") == true)
        #expect(Permissions(standing: .moderator).objection(to: .configure)?.message.contains("an owner") == true)
    }

    @Test func onlyWhatRestrictsSpeechIsLookedAtForAMessage() throws {
        var policy = RoomPolicy(version: 1)
        policy[.roles] = [try user("a"): .init(name: "a", role: .owner, at: 1)]
        policy[.bans] = [try user("b"): .init(name: "b", at: 1)]
        #expect(!policy.restrictsSpeech)
        policy[.mutes] = [try user("b"): .init(name: "b", at: 1)]
        #expect(policy.restrictsSpeech)
        policy[.mutes] = [:]
        #expect(!policy.restrictsSpeech)
        #expect(RoomPolicy(settings: RoomSettings(slowMode: 1)).restrictsSpeech)
        #expect(RoomPolicy(settings: RoomSettings(isAnnouncement: true)).restrictsSpeech)
    }
}

func user(_ text: String) throws -> UserID { try #require(UserID(text)) }
