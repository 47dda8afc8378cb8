import ChatProtocol
import NIOCore
import NIOEmbedded
import Testing

@testable import ChatCore

/// A peer of a session: says JSON text, reads what the session sends.
final class TestClient {
    let session: Session
    let output: FakeOutput
    private let eventLoop: EmbeddedEventLoop
    private var taken = 0

    init(session: Session, output: FakeOutput, eventLoop: EmbeddedEventLoop) {
        self.session = session
        self.output = output
        self.eventLoop = eventLoop
        session.begin()
    }

    /// Says several frames in one breath, then lets everything happen that can.
    func say(_ frames: String...) {
        for frame in frames { session.receive(text: ByteBuffer(string: frame)) }
        eventLoop.run()
    }

    /// The frames that came since the last call.
    func take() -> [JSONValue] {
        let new = output.messages[taken...]
        taken = output.messages.count
        return new.map { message in (try? JSONValue.parse(ByteBuffer(string: message.text))) ?? .string(message.text) }
    }

    /// The lines that came since the last call, for the plain dialect.
    func takeLines() -> [String] {
        let new = output.messages[taken...]
        taken = output.messages.count
        return new.map(\.text)
    }

    /// The only frame that came since the last call.
    func takeOne(sourceLocation: SourceLocation = #_sourceLocation) throws -> JSONValue {
        let frames = take()
        #expect(frames.count == 1, "\(frames)", sourceLocation: sourceLocation)
        return try #require(frames.first, sourceLocation: sourceLocation)
    }

    /// Says `hello` as this user.
    @discardableResult
    func hello(_ user: String, resume: String? = nil) throws -> JSONValue {
        let resume = resume.map { #","resume":\#($0)"# } ?? ""
        say(#"{"type":"hello","id":"h","token":"token/\#(user)/\#(user)"\#(resume)}"#)
        let frames = take()
        let welcome = try #require(frames.first)
        #expect(welcome.type == "welcome")
        return welcome
    }

    var isClosed: Bool { !output.closes.isEmpty }
}

extension JSONValue {
    var type: String? { self["type"]?.string }
    var re: String? { self["re"]?.string }
    var code: String? { self["code"]?.string }
    var text: String? { self["text"]?.string }
    var offset: Int64? { self["offset"]?.integer }
    var room: String? { self["room"]?.string }
    var entryTexts: [String?]? { self["entries"]?.array?.map(\.text) }

    var position: Position? {
        guard let epoch = self["epoch"]?.string, let offset, let at = self["at"]?.integer else { return nil }
        return Position(epoch: epoch, offset: UInt64(offset), at: at)
    }
}

extension Position {
    var json: String { #"{"epoch":"\#(epoch)","offset":\#(offset),"at":\#(at)}"# }
}

extension [JSONValue] {
    /// Type, reply id, and what it is about, for comparing a conversation at a glance.
    var summary: [String] {
        map { frame in
            [frame.type, frame.re, frame.code, frame.text].compactMap { $0 }.joined(separator: " ")
        }
    }
}
