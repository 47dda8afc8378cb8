import ChatCore
import ChatProtocol
import ChatRedis
import NIOCore
import RedisClient
import TestSupport
import Testing

/// Who may what in a room, as Redis keeps it.
@Suite struct RoomPolicyTests {
    private func change(_ version: Int, _ edits: [PolicyChange.Edit], act: String = "test") -> PolicyChange {
        var change = PolicyChange(version: version)
        change.edits = edits
        change.audit = [.init("act", act), .init("by", "u1"), .init("byName", "ann")]
        return change
    }

    private func record(_ name: String, until: Int64? = nil) throws -> RoomPolicy.Record {
        let by = NamedUser(id: try user("u1"), name: #"a "quoted" name"#)
        return RoomPolicy.Record(name: name, by: by, at: 5, until: until, reason: "a\\b")
    }

    @Test func whoCreatesARoomOwnsItAndNobodyAfter() async throws {
        try await withStores { stores in
            let lobby = try room("lobby")
            let (ann, bob) = (Founder(user: try user("u1"), name: "ann"), Founder(user: try user("u2"), name: "bob"))
            #expect(try await stores.wait { $0.policies.policy(of: lobby) }.policy == RoomPolicy())
            let opened = try await stores.wait { $0.log.open(lobby, limit: 5, founder: ann) }
            #expect(opened.policyVersion == 1)
            #expect(try await stores.wait { $0.log.open(lobby, limit: 5, founder: bob) }.policyVersion == 1)
            let reading = try await stores.wait { $0.policies.policy(of: lobby) }
            #expect(reading.policy.version == 1 && reading.policy[.roles].keys.map(\.string) == ["u1"])
            let owner = try #require(reading.policy[.roles][ann.user])
            #expect(owner.role == .owner && owner.name == "ann" && owner.by == nil && owner.at > 1_600_000_000_000)
            #expect(reading.at >= owner.at)
            // A room that was there belongs to nobody.
            let old = try room("old")
            _ = try await stores.wait { $0.log.open(old, limit: 0) }
            #expect(try await stores.wait { $0.log.open(old, limit: 0, founder: ann) }.policyVersion == 0)
        }
    }

    @Test func aChangeIsStoredToldAndWrittenDown() async throws {
        try await withStores { stores in
            let (lobby, bob) = (try room("lobby"), try user("u2"))
            let record = try self.record("bob", until: 77)
            let edits: [PolicyChange.Edit] = [
                .record(.bans, bob, record), .record(.mutes, bob, record), .setting("topic", "birds"),
                .setting("access", "unlisted"), .setting("announcement", "1"), .setting("slowMode", "500"),
            ]
            let change = self.change(0, edits)
            #expect(try await stores.wait { $0.policies.apply(change, to: lobby) } == .noSuchRoom)
            _ = try await stores.wait { $0.log.open(lobby, limit: 0) }
            try await stores.wait { $0.subscriber.subscribe("t:room:{lobby}") }
            #expect(try await stores.wait { $0.policies.apply(change, to: lobby) } == .applied)
            var expected = RoomPolicy(
                version: 1,
                settings: RoomSettings(topic: "birds", access: .unlisted, isAnnouncement: true, slowMode: 500))
            expected[.bans] = [bob: record]
            expected[.mutes] = [bob: record]
            #expect(try await stores.wait { $0.policies.policy(of: lobby) }.policy == expected)
            try await eventually("the change is told") { try await stores { $0.heard.count } == 1 }
            #expect(try await stores { $0.heard } == [#"t:room:{lobby} {"type":"policy","version":1}"#])
            let page = try await stores.wait { $0.policies.audit(of: lobby, before: nil, limit: 5) }
            #expect(page.entries.map(\.fields) == [["act": "test", "by": "u1", "byName": "ann"]] && !page.more)

            #expect(try await stores.wait { $0.policies.apply(change, to: lobby) } == .stale)
            let undo = self.change(1, [.record(.bans, bob, nil), .setting("topic", nil), .setting("access", nil)])
            #expect(try await stores.wait { $0.policies.apply(undo, to: lobby) } == .applied)
            let after = try await stores.wait { $0.policies.policy(of: lobby) }.policy
            #expect(after[.bans].isEmpty && after.settings.topic == nil && after.settings.access == .public)
        }
    }

    @Test func ofTwoChangesDecidedOnOneVersionOneIsStored() async throws {
        try await withStores { stores in
            let lobby = try room("lobby")
            _ = try await stores.wait { $0.log.open(lobby, limit: 0) }
            let change = self.change(0, [.setting("topic", "x")])
            let outcomes = try await stores.wait { stores in
                EventLoopFuture.whenAllSucceed(
                    (0..<9).map { _ in stores.policies.apply(change, to: lobby) }, on: stores.link.eventLoop)
            }
            #expect(outcomes.filter { $0 == .applied }.count == 1 && outcomes.filter { $0 == .stale }.count == 8)
        }
    }

    @Test func whoIsThereIsInvited() async throws {
        try await withStores { stores in
            let lobby = try room("lobby")
            _ = try await stores.wait { $0.log.open(lobby, limit: 0) }
            let here = [
                PresentUser(id: try user("u2"), name: #"b "o" b"#, status: "online", since: 1, sessions: 1),
                PresentUser(id: try user("u3"), name: "eve", status: "online", since: 1, sessions: 1),
                PresentUser(id: try user("u4"), name: "carl", status: "online", since: 1, sessions: 1),
            ]
            try await stores.wait { $0.presence.write(ShareChanges(here: here), room: lobby) }
            // Both are in the share of a node that has not heard yet, or was slow; one of the bans has ended.
            var (ban, ended) = (try self.record("eve"), try self.record("carl"))
            (ban.until, ended.until) = (WallClock.milliseconds() + 3_600_000, 1)
            var change = self.change(
                0,
                [
                    .setting("access", "private"), .record(.bans, try user("u3"), ban),
                    .record(.bans, try user("u4"), ended),
                ])
            change.invitesPresent = try self.record("")
            let closing = change
            #expect(try await stores.wait { $0.policies.apply(closing, to: lobby) } == .applied)
            let policy = try await stores.wait { $0.policies.policy(of: lobby) }.policy
            #expect(policy[.invitations].keys.map(\.string).sorted() == ["u2", "u4"])
            #expect(policy[.invitations].values.first?.by?.id.string == "u1")
            #expect(try await stores.send("ZSCORE", "t:rooms", "lobby").isNull)
        }
    }

    @Test func aRoomWhoseMetaIsGoneStartsAnew() async throws {
        try await withStores { stores in
            let (lobby, bob) = (try room("lobby"), try user("u2"))
            _ = try await stores.wait { $0.log.open(lobby, limit: 0) }
            let ban = self.change(0, [.record(.bans, bob, try self.record("bob"))])
            try await stores.wait { $0.policies.apply(ban, to: lobby) }
            try await stores.send("DEL", "t:room:{lobby}:log", "t:room:{lobby}:meta")
            #expect(try await stores.wait { $0.policies.policy(of: lobby) }.policy == RoomPolicy())
            _ = try await stores.wait { $0.log.open(lobby, limit: 0) }
            let topic = self.change(0, [.setting("topic", "x")])
            try await stores.wait { $0.policies.apply(topic, to: lobby) }
            #expect(try await stores.wait { $0.policies.policy(of: lobby) }.policy[.bans].isEmpty)
        }
    }

    @Test func whatAnotherHandWroteHarmsNobody() async throws {
        try await withStores { stores in
            let lobby = try room("lobby")
            _ = try await stores.wait { $0.log.open(lobby, limit: 0) }
            try await stores.send("HSET", "t:room:{lobby}:meta", "policy", "3")
            try await stores.send(
                "HSET", "t:room:{lobby}:bans", "no id!", "{}", "u1", "nonsense", "u2", "[]", "u3", "{}")
            try await stores.send("HSET", "t:room:{lobby}:settings", "access", "nobody", "slowMode", "x", "else", "1")
            let policy = try await stores.wait { $0.policies.policy(of: lobby) }.policy
            #expect(policy[.bans].keys.map(\.string) == ["u3"])
            #expect(policy.settings == RoomSettings(access: .private))
        }
    }

    @Test func theAuditIsReadPageByPageAndBounded() async throws {
        var settings = RedisStoreSettings()
        settings.auditEntries = 50
        try await withStores(settings: settings) { stores in
            let lobby = try room("lobby")
            _ = try await stores.wait { $0.log.open(lobby, limit: 0) }
            for version in 0..<400 {
                let change = self.change(version, [.setting("topic", "\(version)")], act: "\(version)")
                try await stores.wait { $0.policies.apply(change, to: lobby) }
            }
            #expect(try await stores.send("XLEN", "t:room:{lobby}:audit").int ?? 0 < 200)
            let first = try await stores.wait { $0.policies.audit(of: lobby, before: nil, limit: 2) }
            #expect(first.entries.map { $0.fields["act"] } == ["399", "398"] && first.more)
            let last = first.entries[1].id
            let next = try await stores.wait { $0.policies.audit(of: lobby, before: last, limit: 2) }
            #expect(next.entries.map { $0.fields["act"] } == ["397", "396"])
        }
    }

    @Test func slowModeIsAPaceOfAnAuthor() async throws {
        try await withStores { stores in
            let lobby = try room("lobby")
            let request = { (author: String, key: String?) throws -> AppendRequest in
                let body = #""type":"message","room":"lobby","from":{"id":"\#(author)","name":"x"},"text":"x"}"#
                return AppendRequest(
                    room: lobby, author: try user(author), body: ByteBuffer(string: body), key: key, known: nil,
                    pace: 60_000)
            }
            let (first, second, other) = (try request("u1", "k"), try request("u1", nil), try request("u2", nil))
            let stored = try await stores.wait { $0.append(first) }
            guard case StoreError.tooSoon(let wait)? = await stores.failure({ $0.append(second) }) else {
                Issue.record("the second is too soon")
                return
            }
            #expect(wait > 50_000 && wait <= 60_000)
            #expect(
                try await stores.wait { $0.append(first) } == Appended(position: stored.position, isRepeat: true))
            #expect(try await stores.wait { $0.append(other) }.position.offset == 2)
            // What was refused for another reason counts for nothing.
            var dangling = try request("u3", nil)
            dangling.replyTo = 99
            let reply = dangling
            guard case StoreError.noSuchEntry? = await stores.failure({ $0.append(reply) }) else {
                Issue.record("it answers nothing")
                return
            }
            let third = try request("u3", nil)
            #expect(try await stores.wait { $0.append(third) }.position.offset == 3)
        }
    }

    @Test func onlyPublicRoomsAreListed() async throws {
        try await withStores { stores in
            for name in ["a", "b", "c", "d"] {
                let name = try room(name)
                _ = try await stores.wait { $0.log.open(name, limit: 0) }
                try await stores { $0.directory.note(name) }
            }
            for name in ["b", "c"] {
                // As if the list had not been put right.
                try await stores.send("HSET", "t:room:{\(name)}:settings", "access", "private")
            }
            let all = try await stores.wait { $0.directory.rooms(after: nil, limit: 10) }
            #expect(all.rooms.map(\.room.string) == ["a", "d"] && all.next == nil)
            var seen: [String] = []
            var cursor: String?
            repeat {
                let after = cursor
                let page = try await stores.wait { $0.directory.rooms(after: after, limit: 1) }
                seen += page.rooms.map(\.room.string)
                cursor = page.next
                #expect(cursor != "b" && cursor != "c")
            } while cursor != nil
            #expect(seen == ["a", "d"])
        }
    }

    @Test func anInboxHasNoRoomThatOneMayNotRead() async throws {
        try await withStores { stores in
            let (lobby, ann) = (try room("lobby"), try user("u1"))
            _ = try await stores.wait { $0.log.open(lobby, limit: 0) }
            _ = try await stores.wait { $0.conversations.come(to: lobby, by: ann) }
            let inbox = { (isOperator: Bool, scope: RoomScope?) in
                try await stores.wait {
                    $0.conversations.conversations(of: ann, isOperator: isOperator, scope: scope, after: nil, limit: 9)
                }.conversations.map(\.room.string)
            }
            #expect(try await inbox(false, nil) == ["lobby"])
            #expect(try await inbox(false, RoomScope(["desk"])) == [])
            #expect(try await inbox(false, RoomScope(["lob*"])) == ["lobby"])
            let ban = self.change(0, [.record(.bans, ann, try self.record("ann"))])
            try await stores.wait { $0.policies.apply(ban, to: lobby) }
            #expect(try await inbox(false, nil) == [])
            #expect(try await inbox(true, nil) == ["lobby"])
            let ended = self.change(
                1, [.record(.bans, ann, try self.record("ann", until: 5)), .setting("access", "private")])
            try await stores.wait { $0.policies.apply(ended, to: lobby) }
            #expect(try await inbox(false, nil) == [])
            let invited = self.change(2, [.record(.invitations, ann, try self.record("ann"))])
            try await stores.wait { $0.policies.apply(invited, to: lobby) }
            #expect(try await inbox(false, nil) == ["lobby"])
        }
    }

    @Test func aBanFromTheClusterIsInTheProfile() async throws {
        try await withStores { stores in
            let bob = try user("u2")
            try await stores.wait { $0.subscriber.subscribe("t:user:{u2}") }
            let now = try await stores.wait { $0.policies.now() }
            let ban = RoomPolicy.Record(name: "bob", at: now, until: now + 60_000, reason: "two words")
            let audit = [PolicyChange.AuditField("act", "ban")]
            #expect(try await stores.wait { $0.policies.setBan(nil, of: bob, audit: audit) } == false)
            #expect(try await stores.wait { $0.policies.setBan(ban, of: bob, audit: audit) })
            #expect(
                try await stores.wait { $0.profiles.profile(of: bob) }.ban
                    == ClusterBan(until: now + 60_000, reason: "two words"))
            #expect(try await stores.wait { $0.policies.bans() }.map(\.user.name) == ["bob"])
            try await eventually("it is told") {
                try await stores { $0.heard.contains { $0.hasSuffix(#"{"type":"profile"}"#) } }
            }
            #expect(try await stores.wait { $0.policies.setBan(nil, of: bob, audit: audit) })
            #expect(try await stores.wait { $0.profiles.profile(of: bob) }.ban == nil)
            #expect(try await stores.wait { $0.policies.audit(of: nil, before: nil, limit: 9) }.entries.count == 2)
        }
    }

    @Test func operatorsAreKnownForAWhile() async throws {
        try await withStores { stores in
            let boss = try user("u9")
            #expect(try await stores.wait { $0.policies.target(boss) } == ActTarget(name: nil, isOperator: false))
            try await stores { $0.policies.noteOperator(boss) }
            try await eventually("the operator is known") {
                try await stores.wait { $0.policies.target(boss) }.isOperator
            }
            try await stores.send("ZADD", "t:{cluster}:operators", "5", "u9")
            #expect(try await stores.wait { $0.policies.target(boss) }.isOperator == false)
        }
    }
}
