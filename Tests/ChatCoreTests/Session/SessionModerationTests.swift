import ChatProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import ChatCore

/// Moderation as sessions see it, on two nodes.
@Suite struct SessionModerationTests {
    private let cluster = TestCluster()
    private let here: TestNode
    private let there: TestNode
    private let room = "garden"

    init() throws {
        here = try cluster.node("n1", loops: 2, settings: .init(limits: Limits(framesPerSecond: 0)))
        there = try cluster.node("n2", settings: .init(limits: Limits(framesPerSecond: 0)))
    }

    private func connect(_ user: String, on node: TestNode, loop: Int = 0, joins: Bool = true) throws -> TestClient {
        let client = node.connect(loop: loop)
        try client.hello(user)
        if joins { client.say(#"{"type":"join","id":"j","room":"\#(room)"}"#) }
        return client
    }

    private func act(_ type: String, _ user: String, _ more: String = "") -> String {
        #"{"type":"\#(type)","id":"m","room":"\#(room)","user":"\#(user)"\#(more)}"#
    }

    @Test func theFirstOneOwnsTheRoom() throws {
        let ann = try connect("ann", on: here)
        #expect(try ann.takeOne()["role"]?.string == "owner")
        let bob = try connect("bob", on: there)
        #expect(try bob.takeOne()["role"] == nil)
        let lobby = here.connect()
        try lobby.hello("carl")
        lobby.say(#"{"type":"join","id":"j","room":"lobby"}"#)
        #expect(try lobby.takeOne()["role"] == nil)
    }

    @Test func aKickEndsMembershipsEverywhere() throws {
        let ann = try connect("ann", on: here)
        let bobs = [try connect("bob", on: here, loop: 1), try connect("bob", on: there)]
        for bob in bobs { _ = bob.take() }
        _ = ann.take()
        ann.say(act("kick", "bob", #","reason":"out""#))
        #expect(ann.take().summary.contains("ack m"))
        for bob in bobs {
            let kicked = try #require(bob.take().first { $0.type == "kicked" })
            #expect(kicked["reason"]?.string == "out" && kicked.room == room)
            bob.say(#"{"type":"send","id":"s","room":"\#(room)","text":"hi"}"#)
            #expect(try bob.takeOne().code == "not_member")
        }
        here.tick()
        there.tick()
        #expect(here.hub.rooms[try #require(RoomName(room))]?.presence.count == 1)
        #expect(cluster.redis.visited[try user("bob")]?.isEmpty == true)
        bobs[1].say(#"{"type":"join","id":"j","room":"\#(room)"}"#)
        #expect(bobs[1].take().summary.contains("joined j"))
    }

    @Test func aBanKeepsOutWhoComesAndWhoResumes() throws {
        let ann = try connect("ann", on: here)
        let bob = try connect("bob", on: there)
        let position = try #require(bob.take().last?.position)
        ann.say(act("ban", "bob"))
        #expect(bob.take().map(\.type) == ["kicked"])
        bob.say(#"{"type":"join","id":"j","room":"\#(room)"}"#)
        #expect(try bob.takeOne().code == "forbidden")
        let again = there.connect()
        let resume = #"{"\#(room)":\#(position.json)}"#
        again.say(#"{"type":"hello","id":"h","token":"token/bob/bob","resume":\#(resume)}"#)
        #expect(again.take().summary.map { $0.prefix(15) } == ["welcome h", "error forbidden"])
        ann.say(act("unban", "bob"))
        bob.say(#"{"type":"join","id":"j","room":"\#(room)"}"#)
        #expect(bob.take().first?.type == "joined")
    }

    private let becomePrivate = #"{"type":"configure","id":"c","room":"garden","access":"private"}"#

    private func invited() throws -> [String] {
        let name = try #require(RoomName(room))
        let policy = try #require(cluster.redis.policies[name])
        return policy[.invitations].keys.map(\.string).sorted()
    }

    @Test func whoIsThereOnThisNodeIsInvitedThoughNobodyHasWrittenItYet() throws {
        let ann = try connect("ann", on: here)
        let (bob, carl) = (try connect("bob", on: here, loop: 1), try connect("carl", on: here))
        here.tick()
        _ = (ann.take(), carl.take())
        let dora = try connect("dora", on: here, loop: 1)
        _ = (bob.take(), dora.take())
        ann.say(act("kick", "carl"))
        _ = ann.take()
        ann.say(becomePrivate)
        #expect(ann.take().summary.contains("room c"))
        #expect(try invited() == ["ann", "bob", "dora"])
        #expect(!bob.take().contains { $0.type == "kicked" } && !dora.take().contains { $0.type == "kicked" })
        carl.say(#"{"type":"join","id":"j","room":"\#(room)"}"#)
        #expect(carl.take().last?.code == "forbidden")
    }

    @Test func whoIsThereOnOtherNodesIsInvitedWhenTheseHaveWrittenIt() throws {
        let ann = try connect("ann", on: here)
        let (bob, carl) = (try connect("bob", on: there), try connect("carl", on: there))
        for node in [here, there] { node.tick() }
        ann.say(act("kick", "carl"))
        _ = (ann.take(), bob.take(), carl.take())
        ann.say(becomePrivate)
        #expect(ann.take().isEmpty)
        // Comes while the others are waited for.
        cluster.eventLoop.advanceTime(by: .milliseconds(200))
        let dora = try connect("dora", on: there)
        _ = dora.take()
        cluster.eventLoop.advanceTime(by: .milliseconds(299))
        #expect(ann.take().isEmpty)
        cluster.eventLoop.advanceTime(by: .milliseconds(1))
        #expect(ann.take().summary.contains("room c"))
        #expect(try invited() == ["ann", "bob", "dora"])
        #expect(!dora.take().contains { $0.type == "kicked" })
    }

    @Test func aRoomStaysAsItIsWhenNobodyCanWriteWhoIsThere() throws {
        let ann = try connect("ann", on: here)
        _ = ann.take()
        here.store.failing = [.write]
        ann.say(becomePrivate)
        #expect(ann.take().last?.code == "unavailable")
        here.store.failing = []
        ann.say(becomePrivate)
        #expect(ann.take().summary.contains("room c"))
        #expect(try invited() == ["ann"])
    }

    @Test func whoWasInvitedComesInThoughThePolicyIsStillBeingRead() throws {
        let ann = try connect("ann", on: here)
        ann.say(#"{"type":"configure","id":"c","room":"\#(room)","access":"private"}"#)
        _ = ann.take()
        let bob = try connect("bob", on: there)
        #expect(try bob.takeOne().code == "forbidden")
        // His node has heard of the change, and not yet what it is.
        there.store.hold(.policy)
        ann.say(act("invite", "bob"))
        #expect(bob.take().map(\.type) == ["invited"])
        bob.say(#"{"type":"join","id":"j2","room":"\#(room)"}"#, #"{"type":"who","id":"w","room":"\#(room)"}"#)
        #expect(bob.take().isEmpty)
        there.store.release(.policy)
        #expect(bob.take().summary.sorted() == ["joined j2", "members w"])
    }

    @Test func whoIsRefusedIsRefusedThoughRedisDoesNotAnswer() throws {
        let ann = try connect("ann", on: here)
        ann.say(#"{"type":"configure","id":"c","room":"\#(room)","access":"private"}"#)
        _ = ann.take()
        here.store.failing = [.policy, .head]
        let bob = try connect("bob", on: here, loop: 1)
        #expect(try bob.takeOne().code == "forbidden")
        bob.say(#"{"type":"who","id":"w","room":"\#(room)"}"#)
        #expect(try bob.takeOne().code == "forbidden")
    }

    @Test func whoIsRefusedAgainAndAgainMakesNobodyReadThePolicy() throws {
        let ann = try connect("ann", on: here)
        ann.say(#"{"type":"configure","id":"c","room":"\#(room)","access":"private"}"#)
        _ = ann.take()
        let bob = try connect("bob", on: here, loop: 1)
        #expect(try bob.takeOne().code == "forbidden")
        let readings = here.store.calls[.policy]
        for _ in 0..<10 {
            bob.say(#"{"type":"who","id":"w","room":"\#(room)"}"#, #"{"type":"join","id":"j","room":"\#(room)"}"#)
        }
        #expect(bob.take().map(\.code) == Array(repeating: "forbidden", count: 20))
        #expect(here.store.calls[.policy] == readings)
        // A reading that fails is repeated once a second, however many wait for it.
        here.store.failing = [.policy]
        let elsewhere = try connect("ann", on: there)
        elsewhere.say(act("invite", "bob"))
        for _ in 0..<10 { bob.say(#"{"type":"who","id":"w","room":"\#(room)"}"#) }
        _ = bob.take()
        let failed = try #require(here.store.calls[.policy])
        cluster.eventLoop.advanceTime(by: .milliseconds(1_001))
        #expect(try #require(here.store.calls[.policy]) == failed + 1)
    }

    @Test func whoAsksToEnterWhileTheRoomClosesIsAnswered() throws {
        let ann = try connect("ann", on: here)
        ann.say(
            #"{"type":"configure","id":"c","room":"\#(room)","access":"private"}"#,
            #"{"type":"leave","id":"l","room":"\#(room)"}"#)
        let eve = try connect("eve", on: here, joins: false)
        here.store.hold(.head)
        let bob = try connect("bob", on: here, loop: 1)
        eve.say(#"{"type":"who","id":"w","room":"\#(room)"}"#)
        here.tick(after: .seconds(120))
        here.tick(after: .seconds(240))
        #expect(here.hub.rooms[try #require(RoomName(room))] == nil)
        here.store.release(.head)
        #expect(bob.take().summary == ["error j forbidden"] && eve.take().summary == ["error w forbidden"])
    }

    @Test func aChangeWhoseEventWasLostIsFound() throws {
        let ann = try connect("ann", on: here)
        let bob = try connect("bob", on: there)
        _ = bob.take()
        there.store.cutLink()
        ann.say(act("kick", "bob"))
        #expect(bob.take().isEmpty)
        there.store.restoreLink()
        #expect(bob.take().map(\.type).contains("kicked"))
    }

    @Test func aJoinThatIsUnderWayIsAnsweredWhenItsUserIsRemoved() throws {
        let ann = try connect("ann", on: here)
        let bob = try connect("bob", on: there)
        for number in 0..<5 { ann.say(#"{"type":"send","room":"\#(room)","text":"\#(number)"}"#) }
        _ = bob.take()
        // Older entries than memory has are being read.
        there.store.hold(.page)
        bob.say(#"{"type":"join","id":"again","room":"\#(room)","history":0}"#)
        _ = bob.take()
        there.store.hold(.visit)
        bob.say(
            #"{"type":"join","id":"j2","room":"\#(room)"}"#, #"{"type":"send","id":"s","room":"\#(room)","text":"x"}"#)
        ann.say(act("ban", "bob"))
        #expect(bob.take().summary.map { $0.prefix(18) } == ["kicked", "error s not_member"])
        there.store.release(.visit)
        #expect(bob.take().summary.map { $0.prefix(18) } == ["error j2 forbidden"])
    }

    @Test func whoIsMutedIsRefusedAndAnnouncementsAreForModerators() throws {
        let (ann, bob) = (try connect("ann", on: here), try connect("bob", on: there))
        let send = #"{"type":"send","id":"s","room":"\#(room)","text":"hi"}"#
        ann.say(act("mute", "bob"))
        _ = bob.take()
        bob.say(send)
        #expect(try bob.takeOne().code == "forbidden")
        ann.say(act("unmute", "bob"), #"{"type":"configure","id":"c","room":"\#(room)","announcement":true}"#)
        _ = bob.take()
        bob.say(send)
        #expect(try bob.takeOne().code == "forbidden")
        ann.say(act("role", "bob", #","role":"moderator""#))
        #expect(bob.take().contains { $0.type == "room" && $0["role"]?.string == "moderator" })
        bob.say(send)
        #expect(bob.take().summary.contains("ack s"))
    }

    @Test func slowModeIsForMembers() throws {
        let (ann, bob) = (try connect("ann", on: here), try connect("bob", on: there))
        ann.say(#"{"type":"configure","id":"c","room":"\#(room)","slowMode":5000}"#)
        _ = bob.take()
        let send = #"{"type":"send","id":"s","room":"\#(room)","text":"hi"}"#
        bob.say(send)
        #expect(bob.take().contains { $0.type == "ack" })
        bob.say(send)
        let refused = try bob.takeOne()
        #expect(refused.code == "rate_limited" && refused["retryAfter"]?.integer ?? 0 > 4_000)
        ann.say(send, send)
        #expect(ann.take().filter { $0.re == "s" }.map(\.type) == ["ack", "ack"])
    }

    @Test func aScopeLetsIntoItsRoomsOnly() throws {
        let scoped = here.connect()
        scoped.say(#"{"type":"hello","id":"h","token":"scoped/sue/sue/support-*"}"#)
        _ = scoped.take()
        scoped.say(#"{"type":"join","id":"j","room":"\#(room)"}"#)
        #expect(try scoped.takeOne().code == "forbidden")
        scoped.say(#"{"type":"who","id":"w","room":"\#(room)"}"#)
        #expect(try scoped.takeOne().code == "forbidden")
        scoped.say(#"{"type":"audit","id":"w","room":"\#(room)"}"#)
        #expect(try scoped.takeOne().code == "forbidden")
        scoped.say(#"{"type":"join","id":"j","room":"support-7"}"#)
        #expect(scoped.take().first?.type == "joined")
        // A younger token with another scope ends what it does not cover.
        scoped.say(#"{"type":"refresh","id":"r","token":"scoped/sue/sue/desk"}"#)
        #expect(scoped.take().summary == ["kicked", "ack r"])
        scoped.say(#"{"type":"history","id":"y","room":"support-7"}"#)
        #expect(try scoped.takeOne().code == "not_member")
        scoped.say(#"{"type":"join","id":"j","room":"support-7"}"#)
        #expect(try scoped.takeOne().code == "forbidden")
    }

    /// The token is this session's: what another one proved to be is that one's business.
    @Test func aNarrowerTokenIsOneSessionsOnly() throws {
        let sessions = [here.connect(), there.connect()]
        for session in sessions {
            session.say(
                #"{"type":"hello","id":"h","token":"scoped/sue/sue/support-*"}"#,
                #"{"type":"join","id":"j","room":"support-7"}"#)
            _ = session.take()
        }
        sessions[0].say(#"{"type":"refresh","id":"r","token":"scoped/sue/sue/desk"}"#)
        #expect(sessions[0].take().summary == ["kicked", "ack r"])
        sessions[1].say(#"{"type":"send","id":"s","room":"support-7","text":"here"}"#)
        #expect(sessions[1].take().summary.contains("ack s"))
        #expect(sessions[0].take().isEmpty)
        #expect(there.hub.rooms[try #require(RoomName("support-7"))]?.presence.count == 1)
    }

    /// Whatever is under way when the younger token comes: the session does not stay.
    @Test(arguments: [FakeStore.Operation.visit, .page])
    func aJoinThatIsUnderWayEndsWithTheScope(held: FakeStore.Operation) throws {
        let ann = try connect("ann", on: here)
        for number in 0..<60 { ann.say(#"{"type":"send","room":"\#(room)","text":"\#(number)"}"#) }
        let sue = there.connect()
        sue.say(#"{"type":"hello","id":"h","token":"scoped/sue/sue/\#(room)"}"#)
        _ = sue.take()
        there.store.hold(held)
        sue.say(#"{"type":"join","id":"j","room":"\#(room)","history":60}"#)
        sue.say(#"{"type":"refresh","id":"r","token":"scoped/sue/sue/desk"}"#)
        there.store.release(held)
        _ = sue.take()
        ann.say(#"{"type":"send","room":"\#(room)","text":"secret"}"#)
        #expect(sue.take().isEmpty)
        sue.say(#"{"type":"send","id":"s","room":"\#(room)","text":"x"}"#)
        #expect(try sue.takeOne().code == "not_member")
    }

    @Test func operatorsMayEverywhere() throws {
        let ann = try connect("ann", on: here)
        ann.say(#"{"type":"configure","id":"c","room":"\#(room)","access":"private"}"#)
        let boss = there.connect()
        boss.say(#"{"type":"hello","id":"h","token":"operator/boss/boss"}"#)
        _ = boss.take()
        boss.say(#"{"type":"join","id":"j","room":"\#(room)"}"#)
        #expect(boss.take().first?.type == "joined")
        ann.say(act("ban", "boss"))
        #expect(ann.take().last?.code == "forbidden")
        boss.say(act("role", "ann", #","role":"member""#), act("kick", "ann"))
        #expect(boss.take().filter { $0.re == "m" }.map(\.type) == ["ack", "ack"])
        #expect(ann.take().contains { $0.type == "kicked" })
    }

    @Test func aBanFromTheClusterClosesAndKeepsOut() throws {
        let boss = here.connect()
        boss.say(#"{"type":"hello","id":"h","token":"operator/boss/boss"}"#)
        let bob = try connect("bob", on: there)
        _ = (boss.take(), bob.take())
        bob.say(#"{"type":"ban","id":"b","user":"boss"}"#)
        #expect(try bob.takeOne().code == "forbidden")
        boss.say(#"{"type":"ban","id":"b","user":"bob","reason":"spam"}"#)
        #expect(boss.take().summary.contains("ack b"))
        #expect(bob.output.closes.map(\.code) == [.banned])
        #expect(bob.take().last?["message"]?.string == "you are banned from this server: spam")
        for node in [here, there] {
            let again = node.connect()
            again.say(#"{"type":"hello","id":"h","token":"token/bob/bob"}"#)
            #expect(try again.takeOne().code == "forbidden")
            #expect(again.output.closes.map(\.code) == [.banned])
        }
        boss.say(#"{"type":"moderation","id":"l"}"#)
        #expect(try boss.takeOne()["bans"]?.array?.first?["user"]?["id"]?.string == "bob")
        boss.say(#"{"type":"unban","id":"u","user":"bob"}"#, #"{"type":"unban","id":"u2","user":"bob"}"#)
        #expect(boss.take().map(\.code) == [nil, "not_found"])
        #expect(cluster.redis.clusterAudit.map { $0.fields["act"] } == ["unban", "ban"])
        try connect("bob", on: here).take().forEach { #expect($0.type != "error") }
    }

    @Test func aRoomThatIsPrivateIsNobodysBusiness() throws {
        let ann = try connect("ann", on: here)
        ann.say(#"{"type":"configure","id":"c","room":"\#(room)","access":"private"}"#)
        for node in [here, there] {
            let eve = try connect("eve", on: node)
            #expect(try eve.takeOne().code == "forbidden")
            eve.say(
                #"{"type":"who","id":"w","room":"\#(room)"}"#,
                #"{"type":"topic","id":"t","room":"\#(room)","topic":"x"}"#)
            #expect(eve.take().map(\.code) == ["forbidden", "forbidden"])
        }
        #expect(cluster.redis.visited[try user("eve")] == nil)
        ann.say(act("invite", "eve"))
        let eve = try connect("eve", on: there)
        #expect(eve.take().first?.type == "joined")
    }

    @Test func whoMayNotReadARoomIsNotMentionedInIt() throws {
        let ann = try connect("ann", on: here)
        let (eve, bob) = (try connect("eve", on: there, joins: false), try connect("bob", on: there, joins: false))
        let send = { (text: String) in #"{"type":"send","room":"\#(room)","text":"\#(text)"}"# }
        ann.say(act("ban", "bob"))
        ann.say(send("@eve and @bob, one"))
        ann.say(#"{"type":"configure","room":"\#(room)","access":"private"}"#)
        ann.say(send("@eve, two"))
        #expect(eve.take().filter { $0.type == "mention" }.map { $0["entry"]?.text } == ["@eve and @bob, one"])
        ann.say(act("invite", "eve"))
        ann.say(send("@eve, three"))
        #expect(eve.take().filter { $0.type == "mention" }.map { $0["entry"]?.text } == ["@eve, three"])
        #expect(!bob.take().contains { $0.type == "mention" })
        let written = ann.take().filter { $0.type == "message" }.map { $0["mentions"]?.array ?? [] }
        #expect(written == [[.string("eve")], [], [.string("eve")]])
    }
}
