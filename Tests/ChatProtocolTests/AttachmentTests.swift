import ChatProtocol
import NIOCore
import TestSupport
import Testing

@Suite struct AttachmentTests {
    @Test(arguments: ["lobby", "a", "a.b_c-9", "dm:ann:bob", "dm:A_-:z"])
    func idsReadBack(room: String) throws {
        let room = try #require(RoomName(room))
        let id = AttachmentID(in: room)
        #expect(AttachmentID(id.string) == id && id.room == room)
        #expect(id.string.utf8.allSatisfy { $0 < 0x7F && $0 > 0x20 && $0 != UInt8(ascii: "\"") })
        #expect(AttachmentID(in: room) != id)
    }

    @Test(arguments: [
        "", ".", "bG9iYnk", "bG9iYnk.", ".0123456789abcdef0123456789abcdef", "bG9iYnk.0123456789ABCDEF0123456789ABCDEF",
        "bG9iYnk.0123456789abcdef0123456789abcde", "bG9iYnl.0123456789abcdef0123456789abcdef",
        "TG9iYnk.0123456789abcdef0123456789abcdef", "../x.0123456789abcdef0123456789abcdef",
        "bG9iYnk=.0123456789abcdef0123456789abcdef", "bG9iYnk.0123456789abcdef0123456789abcdef.x",
    ])
    func whatIsNoID(text: String) {
        #expect(AttachmentID(text) == nil)
    }

    @Test(arguments: [
        ("\u{89}PNG", "text/plain"), ("GIF89a", "image/gif"), ("%PDF-1.4", "application/pdf"),
        ("", "application/octet-stream"),
        ("<html><script>alert(1)</script>", "text/plain"), ("<svg xmlns='http://www.w3.org/2000/svg'/>", "text/plain"),
        ("RIFF0000WAVEfmt ", "audio/wav"), ("RIFF0000WEBPVP8 ", "image/webp"), ("RIFF0000AVI ", "text/plain"),
        ("a\u{0}b", "application/octet-stream"), ("....ftypisom", "video/mp4"), ("....ftypM4A ", "audio/mp4"),
        ("....ftypavif", "image/avif"), ("OggS\u{0}", "video/ogg"), ("ID3x", "audio/mpeg"),
        ("hello\tthere\r\n", "text/plain"),
        (" GIF89a", "text/plain"), ("PK\u{3}\u{4}", "application/zip"),
    ])
    func typesAreFoundByLooking(content: String, type: String) {
        let found = ContentType(of: ByteBuffer(string: content), claim: "text/html")
        #expect(found.string == type)
        #expect(ContentType(stored: type) == found)
    }

    @Test func bytesThatAreNoText() {
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0]
        #expect(ContentType(of: ByteBuffer(bytes: png), claim: "").string == "image/png")
        #expect(ContentType(of: ByteBuffer(bytes: png.prefix(7)), claim: "image/png") == .bytes)
        #expect(ContentType(of: ByteBuffer(bytes: [0xFF, 0xD8, 0xFF, 0xE0]), claim: "").string == "image/jpeg")
        #expect(ContentType(of: ByteBuffer(bytes: [0xC3]), claim: "text/plain") == .bytes)
        let webm = ByteBuffer(bytes: [0x1A, 0x45, 0xDF, 0xA3])
        #expect(ContentType(of: webm, claim: "video/webm").string == "video/webm")
        #expect(ContentType(of: webm, claim: "audio/webm;codecs=opus").string == "audio/webm")
        #expect(ContentType(of: webm, claim: "text/html").string == "video/webm")
        #expect(ContentType(stored: "text/html") == nil && ContentType(stored: "image/svg+xml") == nil)
    }

    @Test func namesOfFiles() {
        #expect(ChatProtocol.Attachment.fileName("a b.png") == "a b.png")
        #expect(ChatProtocol.Attachment.fileName("../../etc/passwd") == ".._.._etc_passwd")
        #expect(ChatProtocol.Attachment.fileName(#"c:\x"#) == "c:_x")
        for bad in ["", " ", ".", "..", "a\nb", "a\u{0}", "\u{202E}gpj.exe", String(repeating: "é", count: 128)] {
            #expect(ChatProtocol.Attachment.fileName(bad) == nil, "\(bad)")
        }
    }

    @Test func linksArePutIntoEntries() throws {
        let (room, user) = (try #require(RoomName("dm:a:b")), try #require(UserID("a")))
        let name = try #require(DisplayName("ann"))
        var send = Send(destination: .room(room), text: #"","attachment":{"id":"x"}}"#)
        func entry() -> LogEntry {
            let body = String(buffer: MessageBody.encode(send, room: room, author: Author(user, name: name)))
            return LogEntry(
                offset: 1, at: 2, json: ByteBuffer(string: #"{"offset":1,"epoch":"e","at":2,"# + body))
        }
        #expect(entry().attachment == nil)
        let id = AttachmentID(in: room)
        send.attachment = ChatProtocol.Attachment(id: id, type: .text, name: #"a"b}}"#, size: 3)
        #expect(entry().attachment == id)
        let json = try JSONValue.parse(entry().linked(to: "/attachments/x?y=1&z=2").json)
        #expect(json["attachment"]?["url"]?.string == "/attachments/x?y=1&z=2")
        #expect(json["attachment"]?["name"]?.string == #"a"b}}"# && json["text"]?.string == send.text)
    }

    @Test func theFrameIsItsHeaderAndItsBytes() throws {
        let header = #"{"type":"attach","id":"7","room":"a","name":"n","mediaType":"m"}"#
        var frame = ByteBuffer(integer: UInt32(header.utf8.count))
        frame.writeString(header)
        frame.writeString("content")
        let read = try AttachmentHeader(frame).frame
        #expect(read.type == "attach" && read.id == "7" && read.bytes == ByteBuffer(string: "content"))
        let attach = try Attach(read.fields, bytes: read.bytes)
        #expect(attach.name == "n" && attach.send.text == "" && attach.send.attachment == nil)
    }

    /// Whatever comes, it is read or refused.
    @Test func hostileFrames() {
        for seed in 0..<3_000 as Range<UInt64> {
            var random = SeededGenerator(seed: seed)
            let header = #"{"type":"attach","room":"a","name":"n","mediaType":"m"}"#
            var bytes = [UInt8](header.utf8) + [1, 2, 3]
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            let claims: [UInt32] = [0, UInt32(header.utf8.count), UInt32(bytes.count), 8_193, .max, 1 << 31]
            var frame = ByteBuffer(integer: claims.randomElement(using: &random) ?? 0)
            frame.writeBytes(bytes)
            if let read = try? AttachmentHeader(frame) { _ = try? Attach(read.fields, bytes: read.bytes) }
        }
    }
}
