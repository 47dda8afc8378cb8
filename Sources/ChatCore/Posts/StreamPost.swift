public import ChatProtocol
public import NIOCore

/// Frames that a fallback session's client has posted, to whichever node.
public struct StreamPost: Sendable, Equatable {
    public var session: String
    /// Proves that the client is the session's.
    public var key: String
    /// 1, 2, 3 … in the order the client means.
    public var number: UInt64
    /// One JSON object a line; or, if ``isBinary``, one binary message.
    public var frames: ByteBuffer
    public var isBinary: Bool

    public init(session: String, key: String, number: UInt64, frames: ByteBuffer, isBinary: Bool = false) {
        self.session = session
        self.key = key
        self.number = number
        self.frames = frames
        self.isBinary = isBinary
    }

    /// Bytes of a post's JSON frames at most.
    public static let byteLimit = 256 * 1024

    /// The node that has the session, and the event loop there: a session's id names both.
    public var owner: (node: NodeID, loop: Int)? {
        let parts = self.session.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 3, let loop = Int(parts[parts.count - 2]), loop >= 0,
            let node = NodeID(parts.dropLast(2).joined(separator: "-"))
        else { return nil }
        return (node, loop)
    }
}

/// What became of a post.
public enum PostAnswer: String, Sendable {
    /// The session has taken it, now or before.
    case accepted
    /// There is no such session, or that is not its key.
    case unknown
    /// Not now; the same post may be repeated.
    case unavailable
}

/// How nodes hand posts to each other: a line of JSON, then the frames.
enum PostNotice: Equatable {
    case post(StreamPost, from: NodeID, ticket: UInt64)
    case answer(PostAnswer, ticket: UInt64)

    init?(_ payload: ByteBuffer) {
        var rest = payload
        guard let end = rest.readableBytesView.firstIndex(of: UInt8(ascii: "\n")),
            let line = rest.readSlice(length: end - rest.readerIndex), let head = try? JSONValue.parse(line),
            let ticket = head["ticket"]?.integer.flatMap({ UInt64(exactly: $0) })
        else { return nil }
        rest.moveReaderIndex(forwardBy: 1)
        switch head["type"]?.string {
        case "post":
            guard let session = head["session"]?.string, let key = head["key"]?.string,
                let number = head["number"]?.integer.flatMap({ UInt64(exactly: $0) }),
                let from = head["from"]?.string.flatMap({ NodeID($0) })
            else { return nil }
            self = .post(
                StreamPost(
                    session: session, key: key, number: number, frames: ByteBuffer(bytes: rest.readableBytesView),
                    isBinary: head["binary"]?.bool ?? false),
                from: from, ticket: ticket)
        case "posted":
            guard let answer = head["answer"]?.string.flatMap({ PostAnswer(rawValue: $0) }) else { return nil }
            self = .answer(answer, ticket: ticket)
        default: return nil
        }
    }

    func encoded() -> ByteBuffer {
        var json = JSONWriter()
        json.beginObject()
        switch self {
        case .post(let post, let from, let ticket):
            json.field("type", "post")
            json.field("ticket", ticket)
            json.field("from", from.string)
            json.field("session", post.session)
            json.field("key", post.key)
            json.field("number", post.number)
            if post.isBinary { json.field("binary", true) }
            json.endObject()
            var payload = json.buffer
            payload.writeStaticString("\n")
            payload.writeImmutableBuffer(post.frames)
            return payload
        case .answer(let answer, let ticket):
            json.field("type", "posted")
            json.field("ticket", ticket)
            json.field("answer", answer.rawValue)
            json.endObject()
            var payload = json.buffer
            payload.writeStaticString("\n")
            return payload
        }
    }
}
