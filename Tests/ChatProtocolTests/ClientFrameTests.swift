import NIOCore
import Testing

@testable import ChatProtocol

@Suite struct ClientFrameTests {
    private func decode(_ text: String) throws -> ClientFrame {
        try ClientFrame.decode(ByteBuffer(string: text))
    }

    private func fields(_ text: String) throws -> FrameFields {
        FrameFields(try JSONValue.parse(ByteBuffer(string: text)))
    }

    private func code<Frame>(_ body: () throws -> Frame) -> ErrorCode? {
        do {
            _ = try body()
            return nil
        } catch let error as FrameError {
            return error.code
        } catch let failure as ClientFrame.Failure {
            return failure.error.code
        } catch {
            Issue.record(error)
            return nil
        }
    }

    // MARK: The envelope

    @Test func readsTypeAndId() throws {
        let frame = try decode(#"{"type":"ping","id":"7","more":[1]}"#)
        #expect(frame.type == "ping" && frame.id == "7")
        #expect(try decode(#"{"type":"ping"}"#).id == nil)
        #expect(try decode(#"{"type":"ping","id":null}"#).id == nil)
        #expect(try decode(#"{"type":"x","id":"\#(String(repeating: "é", count: 64))"}"#).id?.count == 64)
    }

    @Test(arguments: [
        "", "[]", "7", "\"ping\"", "{}", #"{"type":7}"#, #"{"type":null}"#, #"{"type":"ping","id":7}"#,
        #"{"type":"ping","id":""}"#, #"{"type":"ping","id":"\#(String(repeating: "x", count: 65))"}"#,
        #"{"type":"ping","id":"\#(String(repeating: "👨‍👩‍👧‍👦", count: 64))"}"#, #"{"type":"\ud800"}"#,
    ])
    func refusesWhatIsNoFrame(_ text: String) {
        #expect(code { try decode(text) } == .badFrame)
    }

    @Test func aFailureCarriesTheIdWhereItIsLegible() {
        let failure = #expect(throws: ClientFrame.Failure.self) { try decode(#"{"id":"7"}"#) }
        #expect(failure?.id == "7")
    }

    // MARK: Fields

    @Test func hello() throws {
        let hello = try Hello(
            fields(
                #"{"token":"t","name":" Ann ","client":{"name":"x"},"resume":{"lobby":{"epoch":"e","offset":3,"at":9},"x":null}}"#
            ))
        #expect(hello.token == "t" && hello.name?.string == "Ann")
        #expect(hello.resume.count == 1)
        #expect(hello.resume.first?.room.string == "lobby")
        #expect(hello.resume.first?.since == Position(epoch: "e", offset: 3, at: 9))
        let empty = try Hello(fields("{}"))
        #expect(empty.token == nil && empty.name == nil && empty.resume.isEmpty)
    }

    @Test func aRoomNamedTwiceIsResumedOnce() throws {
        let hello = try Hello(
            fields(
                #"{"resume":{"a":{"epoch":"e","offset":1,"at":1},"b":{"epoch":"e","offset":2,"at":1},"a":{"epoch":"e","offset":3,"at":1}}}"#
            ))
        #expect(hello.resume.map { "\($0.room) \($0.since.offset)" } == ["b 2", "a 3"])
    }

    @Test(
        arguments: [
            (#"{"name":":"}"#, .badName), (#"{"name":7}"#, .badFrame), (#"{"token":{}}"#, .badFrame),
            (#"{"resume":[]}"#, .badFrame),
            (#"{"resume":{"a":{}}}"#, .badFrame), (#"{"resume":{"a":{"epoch":"e","offset":-1,"at":1}}}"#, .badFrame),
            (#"{"resume":{"a":{"epoch":"e","offset":1.5,"at":1}}}"#, .badFrame),
            (#"{"resume":{"a":{"epoch":"","offset":1,"at":1}}}"#, .badFrame),
            (#"{"resume":{"a":{"epoch":"e","offset":9007199254740992,"at":1}}}"#, .badFrame),
        ] as [(String, ErrorCode)])
    func badHellos(_ text: String, _ code: ErrorCode) {
        #expect(self.code { try Hello(fields(text)) } == code)
    }

    @Test func join() throws {
        let join = try Join(fields(#"{"room":"lobby"}"#))
        #expect(join.room.string == "lobby" && join.history == 50 && join.since == nil)
        #expect(try Join(fields(#"{"room":"a","history":0}"#)).history == 0)
        #expect(try Join(fields(#"{"room":"a","history":200}"#)).history == 200)
        let since = try Join(fields(#"{"room":"a","since":{"epoch":"e","offset":0,"at":0}}"#)).since
        #expect(since == Position(epoch: "e", offset: 0, at: 0))
    }

    @Test(
        arguments: [
            ("{}", .badFrame), (#"{"room":null}"#, .badFrame), (#"{"room":""}"#, .badRoom),
            (#"{"room":"A"}"#, .badRoom),
            (#"{"room":"a","history":-1}"#, .badFrame), (#"{"room":"a","history":201}"#, .badFrame),
            (#"{"room":"a","history":"5"}"#, .badFrame), (#"{"room":"a","since":7}"#, .badFrame),
        ] as [(String, ErrorCode)])
    func badJoins(_ text: String, _ code: ErrorCode) {
        #expect(self.code { try Join(fields(text)) } == code)
    }

    @Test func send() throws {
        let send = try Send(fields(#"{"room":"a","text":"hi","key":"K_-9","replyTo":4,"action":true,"extra":1}"#))
        #expect(send.destination == .room(try #require(RoomName("a"))))
        #expect(send.text == "hi" && send.key == "K_-9" && send.replyTo == 4 && send.action)
        let direct = try Send(fields(#"{"to":"bob","text":""}"#))
        #expect(direct.destination == .user(try #require(UserID("bob"))))
        #expect(direct.key == nil && direct.replyTo == nil && !direct.action)
    }

    @Test(
        arguments: [
            (#"{"text":"a"}"#, .badFrame), (#"{"room":"a","to":"b","text":"a"}"#, .badFrame),
            (#"{"room":"a"}"#, .badFrame),
            (#"{"room":"a","text":1}"#, .badFrame), (#"{"to":"b c","text":"a"}"#, .notFound),
            (#"{"room":"?","text":"a"}"#, .badRoom),
            (#"{"room":"a","text":"a","key":"k k"}"#, .badFrame), (#"{"room":"a","text":"a","replyTo":0}"#, .badFrame),
            (#"{"room":"a","text":"a","key":"\#(String(repeating: "k", count: 65))"}"#, .badFrame),
            (#"{"room":"a","text":"a","action":1}"#, .badFrame),
            (#"{"room":"a","text":"a","replyTo":9007199254740992}"#, .badFrame),
        ] as [(String, ErrorCode)])
    func badSends(_ text: String, _ code: ErrorCode) {
        #expect(self.code { try Send(fields(text)) } == code)
    }

    @Test func aTextMayBeEmptyOnlyWithAFile() throws {
        var send = Send(destination: .room(try #require(RoomName("a"))), text: "")
        #expect(self.code { try send.normaliseText(limit: 10) } == .badFrame)
        send.attachment = Attachment(id: AttachmentID(in: try #require(RoomName("a"))), type: .text, name: "a", size: 1)
        #expect(self.code { try send.normaliseText(limit: 10) } == nil)
        send.text = "e\u{301}"
        #expect(self.code { try send.normaliseText(limit: 10) } == nil)
        #expect(Array(send.text.utf8) == Array("é".utf8))
    }

    @Test func history() throws {
        #expect(try History(fields(#"{"room":"a"}"#)).range == .latest)
        #expect(try History(fields(#"{"room":"a"}"#)).limit == 50)
        #expect(try History(fields(#"{"room":"a","before":4,"limit":1}"#)).range == .before(4))
        #expect(try History(fields(#"{"room":"a","after":0}"#)).range == .after(0))
        for bad in [#""before":1,"after":2"#, #""before":-1"#, #""limit":0"#, #""limit":201"#, #""after":"3""#] {
            #expect(code { try History(fields(#"{"room":"a",\#(bad)}"#)) } == .badFrame)
        }
    }

    @Test func listsAndNames() throws {
        #expect(try Nick(fields(#"{"name":"Ann"}"#)).name.string == "Ann")
        #expect(code { try Nick(fields("{}")) } == .badFrame)
        #expect(code { try Nick(fields(#"{"name":""}"#)) } == .badName)
        let who = try Who(fields(#"{"after":"x","limit":3}"#))
        #expect(who.room == nil && who.after == "x" && who.limit == 3)
        #expect(code { try Who(fields(#"{"limit":0}"#)) } == .badFrame)
        #expect(code { try Rooms(fields(#"{"after":""}"#)) } == .badFrame)
        #expect(code { try Rooms(fields(#"{"after":"\#(String(repeating: "x", count: 257))"}"#)) } == .badFrame)
        #expect(try Leave(fields(#"{"room":"a"}"#)).room.string == "a")
    }

    // MARK: Attachments

    private func attachment(_ header: String, length: UInt32? = nil) -> ByteBuffer {
        var frame = ByteBuffer(integer: length ?? UInt32(header.utf8.count))
        frame.writeString(header)
        frame.writeBytes([1, 2, 3])
        return frame
    }

    @Test func anAttachmentsHeaderIsRead() throws {
        let header = try AttachmentHeader(attachment(#"{"type":"attach","id":"7","room":"a"}"#))
        #expect(header.id == "7")
        #expect(try header.fields.room().string == "a")
    }

    @Test func aHeaderThatIsNoneIsABadFrame() {
        let good = #"{"type":"attach"}"#
        let frames = [
            ByteBuffer(), ByteBuffer(bytes: [0, 0, 0]), attachment(good, length: 99), attachment(good, length: .max),
            attachment(good, length: 3), attachment(#"{"type":"send"}"#), attachment("[]"), attachment(""),
            attachment(#"{"type":"attach","x":"\#(String(repeating: "x", count: 9_000))"}"#),
        ]
        for frame in frames { #expect(code { try AttachmentHeader(frame) } == .badFrame) }
    }
}
