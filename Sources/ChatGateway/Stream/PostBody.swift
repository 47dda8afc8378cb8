import ChatCore
import ChatProtocol
import NIOCore

/// The body of a post: one JSON object, or several separated by line breaks.
enum PostBody {
    enum Failure: Error, Equatable {
        case malformed(String)
        case tooLarge(String)
    }

    /// Checks that the body is JSON objects, and puts each on a line of its own.
    ///
    /// What is in the objects is the session's to judge.
    ///
    /// - Parameter frameLimit: bytes of one object at most.
    static func check(_ body: ByteBuffer, frameLimit: Int) throws(Failure) -> ByteBuffer {
        // One object may be written over several lines: JSON has no line breaks but between its tokens.
        if let whole = try? JSONValue.parse(body), whole.object != nil {
            try self.checkSize(body, frameLimit)
            let line = body.readableBytesView.map { $0 == UInt8(ascii: "\n") || $0 == 0x0D ? UInt8(ascii: " ") : $0 }
            return ByteBuffer(bytes: line)
        }
        let lines = self.lines(body)
        guard !lines.isEmpty else { throw .malformed("the body is empty: it must be a JSON object") }
        for line in lines {
            try self.checkSize(line, frameLimit)
            guard let value = try? JSONValue.parse(line), value.object != nil else {
                throw .malformed("the body must be a JSON object, or several separated by line breaks")
            }
        }
        return body
    }

    /// The first frame of a stream, which need not say that it is the `hello`; `nil` when it is no JSON object.
    static func hello(_ body: ByteBuffer) -> ByteBuffer? {
        guard let value = try? JSONValue.parse(body), let members = value.object else { return nil }
        guard value["type"] == nil else { return body }
        // Behind the others: where a name stands twice the last one counts.
        let end = body.readableBytesView.lastIndex(of: UInt8(ascii: "}")) ?? body.readerIndex
        var hello = ByteBuffer(body.readableBytesView[..<end])
        hello.writeString(members.isEmpty ? #""type":"hello"}"# : #","type":"hello"}"#)
        return hello
    }

    private static func checkSize(_ frame: ByteBuffer, _ limit: Int) throws(Failure) {
        guard frame.readableBytes <= limit else { throw .tooLarge("a frame may have \(limit) bytes at most") }
    }

    /// The lines that are not blank.
    static func lines(_ body: ByteBuffer) -> [ByteBuffer] {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
        return body.readableBytesView.split(separator: UInt8(ascii: "\n"))
            .filter { !$0.allSatisfy(isSpace) }
            .map { ByteBuffer($0) }
    }
}
