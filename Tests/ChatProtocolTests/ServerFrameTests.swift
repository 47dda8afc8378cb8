import NIOCore
import Testing

@testable import ChatProtocol

@Suite struct ServerFrameTests {
    private let lobby: RoomName
    private let ann: UserID
    private let position = Position(epoch: "e1", offset: 7, at: 99)

    init() throws {
        lobby = try #require(RoomName("lobby"))
        ann = try #require(UserID("ann"))
    }

    private func read(_ frame: ServerFrame) throws -> JSONValue {
        try JSONValue.parse(frame.encoded())
    }

    private func names(_ value: JSONValue?) -> [String] {
        value?.object?.map(\.name) ?? []
    }

    private func entry(_ offset: UInt64, bytes: Int = 1) throws -> LogEntry {
        let send = Send(destination: .room(lobby), text: String(repeating: "\"", count: bytes))
        var json = ByteBuffer(string: #"{"offset":\#(offset),"epoch":"e1","at":9,"#)
        let name = try #require(DisplayName("A\"n\\n"))
        json.writeImmutableBuffer(MessageBody.encode(send, room: lobby, author: Author(ann, name: name)))
        return LogEntry(offset: offset, at: 9, json: json)
    }

    @Test func welcome() throws {
        var welcome = Welcome(
            re: "1", session: "s", node: try #require(NodeID("n1")), user: ann,
            name: try #require(DisplayName("An\"n")),
            token: "t", limits: Limits(), pingInterval: 25_000)
        let frame = try read(.welcome(welcome))
        #expect(names(frame) == ["type", "re", "session", "node", "user", "token", "limits", "pingInterval"])
        #expect(frame["type"]?.string == "welcome" && frame["re"]?.string == "1" && frame["token"]?.string == "t")
        #expect(names(frame["user"]) == ["id", "name", "guest"])
        #expect(frame["user"]?["name"]?.string == "An\"n" && frame["user"]?["guest"]?.bool == false)
        welcome.isOperator = true
        #expect(try read(.welcome(welcome))["user"]?["operator"]?.bool == true)
        #expect(
            names(frame["limits"]) == [
                "frameBytes", "textBytes", "rooms", "page", "burst", "framesPerSecond", "attachmentBytes",
                "recoveryEntries",
                "recoveryBytes",
            ])
        #expect(frame["limits"]?.object?.allSatisfy { $0.value.integer ?? 0 > 0 } == true)
    }

    @Test func joinedAndReset() throws {
        let members = Member.encoded([Member(id: ann, name: "A\u{1}n", status: "online")])
        var joined = Joined(
            re: "1", room: lobby, head: position, members: members, memberCount: 1, entries: [try entry(7)],
            recovered: true, settings: RoomSettings(topic: "t"))
        let frame = try read(.joined(joined))
        #expect(
            Set(names(frame)) == [
                "type", "re", "room", "epoch", "offset", "at", "members", "memberCount", "entries", "changes",
                "recovered",
                "topic",
            ])
        #expect(frame["type"]?.string == "joined" && frame["recovered"]?.bool == true)
        #expect(frame["epoch"]?.string == "e1" && frame["offset"]?.integer == 7 && frame["at"]?.integer == 99)
        #expect(frame["members"]?.array?.first?["name"]?.string == "A\u{1}n")
        #expect(frame["entries"]?.array?.first?["from"]?["name"]?.string == "A\"n\\n")
        #expect(frame["changes"]?.array == [])
        joined.resetReason = "gap"
        joined.re = nil
        let reset = try read(.joined(joined))
        #expect(reset["type"]?.string == "reset" && reset["reason"]?.string == "gap" && reset["re"] == nil)
    }

    @Test func acknowledgements() throws {
        #expect(names(try read(.ack(Ack(re: "1")))) == ["type", "re"])
        let ack = try read(.ack(Ack(re: "1", room: lobby, position: position)))
        #expect(Set(names(ack)) == ["type", "re", "room", "offset", "epoch", "at"])
        #expect(ack["room"]?.string == "lobby" && ack["offset"]?.integer == 7)
    }

    @Test func errors() throws {
        let plain = try read(.error(re: nil, room: nil, FrameError(.nameTaken, "no \"x\"")))
        #expect(names(plain) == ["type", "code", "message"])
        #expect(plain["code"]?.string == "name_taken" && plain["message"]?.string == "no \"x\"")
        let full = try read(.error(re: "1", room: "not \n a room", FrameError(.unavailable, "m", retryAfter: 1_000)))
        #expect(names(full) == ["type", "re", "room", "code", "message", "retryAfter"])
        #expect(full["room"]?.string == "not \n a room" && full["retryAfter"]?.integer == 1_000)
    }

    @Test func lists() throws {
        let member = Member(id: ann, name: "ann", status: "online")
        let members = try read(.members(Members(re: "1", room: lobby, members: [member], count: 9, after: "ann")))
        #expect(names(members) == ["type", "re", "room", "members", "count", "after"])
        #expect(names(members["members"]?.array?.first) == ["id", "name", "status"])
        let page = HistoryPage(re: "1", room: lobby, epoch: "e1", entries: [try entry(1), try entry(2)], more: true)
        let history = try read(.history(page))
        #expect(names(history) == ["type", "re", "room", "epoch", "entries", "changes", "more"])
        #expect(history["entries"]?.array?.compactMap { $0["offset"]?.integer } == [1, 2])
        let rooms = [
            RoomList.Room(room: lobby, topic: nil, members: 3, lastAt: nil),
            RoomList.Room(room: lobby, topic: "t", members: 0, lastAt: 5),
        ]
        let list = try read(.rooms(RoomList(re: "1", rooms: rooms, after: nil)))
        #expect(names(list) == ["type", "re", "rooms"])
        #expect(list["rooms"]?.array?.map(names) == [["room", "members"], ["room", "topic", "members", "lastAt"]])
    }

    @Test func theRest() throws {
        #expect(names(try read(.pong(re: nil, at: 5))) == ["type", "at"])
        #expect(names(try read(.goaway(reconnectAfter: 5, reason: "r"))) == ["type", "reconnectAfter", "reason"])
        #expect(names(try read(.degraded(on: true, reason: "r"))) == ["type", "on", "reason"])
    }

    @Test func events() throws {
        let member = Member(id: ann, name: "\\", status: "away")
        let presence = try JSONValue.parse(Event.presence(room: lobby, joined: [member], left: [ann, ann], count: 3))
        #expect(names(presence) == ["type", "room", "joined", "left", "count"])
        #expect(presence["left"]?.array?.map(names) == [["id"], ["id"]])
        let user = try JSONValue.parse(Event.user(member))
        #expect(names(user) == ["type", "user"] && user["user"]?["name"]?.string == "\\")
    }

    @Test func aMessageIsWrittenOnceAndWhole() throws {
        var send = Send(destination: .room(lobby), text: "a\n\"b\" é", key: "k", action: true)
        send.replyTo = 4
        let name = try #require(DisplayName("ann"))
        var json = ByteBuffer(string: #"{"offset":1,"epoch":"e","at":2,"#)
        json.writeImmutableBuffer(MessageBody.encode(send, room: lobby, author: Author(ann, name: name)))
        let message = try JSONValue.parse(json)
        #expect(
            names(message) == ["offset", "epoch", "at", "type", "room", "from", "text", "key", "replyTo", "action"])
        #expect(message["text"]?.string == send.text && message["replyTo"]?.integer == 4)
        #expect(EntryHeader(json)?.position == Position(epoch: "e", offset: 1, at: 2))
    }

    /// No frame to a client is larger than it may be, whatever it carries.
    @Test func pagesAreCutToAFrame() throws {
        let entries = try (1...60).map { try entry($0, bytes: 4_096) }
        let newest = EntryPage(entries, keeping: .newest)
        #expect(newest.wasCut && newest.entries.last?.offset == 60 && newest.entries.count > 10)
        let oldest = EntryPage(entries, keeping: .oldest)
        #expect(oldest.wasCut && oldest.entries.first?.offset == 1)
        #expect(oldest.entries.map(\.offset) == Array(1...UInt64(oldest.entries.count)))
        #expect(!EntryPage(Array(entries.prefix(3)), keeping: .oldest).wasCut)
        let names = (0..<Limits.joinedMembers).map { _ in
            Member(id: ann, name: String(repeating: "\"", count: 32), status: "online")
        }
        let joined = Joined(
            re: String(repeating: "\u{1}", count: 64), room: lobby, head: position, members: Member.encoded(names),
            memberCount: 100, entries: entries, recovered: false)
        #expect(ServerFrame.joined(joined).encoded().readableBytes <= Limits.serverFrameBytes)
    }
}
