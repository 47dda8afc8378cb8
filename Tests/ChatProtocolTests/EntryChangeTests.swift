import ChatProtocol
import NIOCore
import Testing

@Suite struct EntryChangeTests {
    private func change(_ json: String) -> EntryChange? {
        LogEntry(offset: 9, at: 7, json: ByteBuffer(string: json)).change
    }

    @Test func readsTheFrontOfAnEntry() {
        let front = #"{"offset":9,"epoch":"e1","at":7,"type":""#
        #expect(change(front + #"edited","target":3,"text":"x"}"#) == EntryChange(kind: .edited, target: 3))
        #expect(change(front + #"deleted","target":12}"#) == EntryChange(kind: .deleted, target: 12))
        #expect(change(front + #"reacted","target":1,"on":true}"#) == EntryChange(kind: .reacted, target: 1))
        #expect(change(front + #"message","target":1}"#) == nil)
    }

    @Test(arguments: [
        "", "{", #"{"type":"edited","target":1}"#, #"{"offset":9,"epoch":"e1","at":7,"type":"deleted""#,
        #"{"offset":9,"epoch":"e1","at":7,"type":"deleted","target":"#,
        #"{"offset":9,"epoch":"e1","at":7,"type":"deleted","target":x}"#,
        #"{"offset":9,"epoch":"","at":7,"type":"deleted","target":1}"#,
        #"{"offset":9,"epoch":"e1","at":7,"type":"deletedx","target":1}"#,
    ])
    func whatIsNoChange(json: String) {
        #expect(change(json) == nil)
    }

    @Test func readsWhatTheNodeWrites() throws {
        let room = try #require(RoomName("lobby"))
        let user = try #require(UserID("u1"))
        let name = try #require(DisplayName("a\"b"))
        let bodies = [
            ChangeBody.encode(Edit(room: room, target: 3, text: "\"x\\"), author: Author(user, name: name)),
            ChangeBody.encode(Delete(room: room, target: 4), author: Author(user, name: name)),
            ChangeBody.encode(React(room: room, target: 5, emoji: "👍", isOn: false), author: Author(user, name: name)),
        ]
        let entries = bodies.map { body in
            let json = #"{"offset":9,"epoch":"e","at":7,"# + String(buffer: body)
            #expect((try? JSONValue.parse(ByteBuffer(string: json))) != nil)
            return LogEntry(offset: 9, at: 7, json: ByteBuffer(string: json))
        }
        #expect(entries.map { $0.change?.target } == [3, 4, 5])
        #expect(entries.map { $0.change?.kind } == [.edited, .deleted, .reacted])
        let edit = ChangeBody.encode(
            Edit(room: room, target: 3, text: "@u1"), author: Author(user, name: name), mentions: [user])
        #expect(String(buffer: edit).hasSuffix(#","text":"@u1","mentions":["u1"]}"#))
        #expect(!String(buffer: bodies[0]).contains("mentions"))
    }
}
