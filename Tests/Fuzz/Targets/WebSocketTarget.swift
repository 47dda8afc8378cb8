import MessageDeflate
import NIOCore

@testable import ChatGateway

extension FuzzTarget {
    /// What a client sends behind its handshake, with compression agreed on: our reader and our assembler. In one piece or
    /// in many, it must come to the same.
    @Sendable static func webSocket(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard bytes.count <= 4096 else { return nil }
        var whole = WebSocketEnd()
        whole.read(ByteBuffer(bytes: bytes))
        if let objection = whole.objection { return objection }
        var cut = WebSocketEnd()
        // Large inputs in larger pieces: what is byte by byte is slow, and no other for the thousandth byte.
        let size = 1 + bytes.count / 256
        for start in stride(from: 0, to: bytes.count, by: size) {
            cut.read(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
        }
        return whole.events == cut.events ? nil : "in pieces it is something else: \(whole.events) \(cut.events)"
    }
}

/// The receiving end of a connection, as far as a message.
private struct WebSocketEnd {
    static let limit = 1_000

    private var reader = WebSocketFrameReader(payloadLimit: 2 * limit)
    private var assembler = MessageAssembler(
        messageLimit: limit, binaryLimit: 2 * limit, inflater: MessageInflater())
    private(set) var events: [String] = []
    private(set) var objection: String?
    private var hasEnded = false

    mutating func read(_ bytes: ByteBuffer) {
        guard !self.hasEnded else { return }
        self.reader.append(bytes)
        do throws(MessageAssembler.Violation) {
            while let frame = try self.reader.next() {
                guard let message = try self.assembler.add(frame) else { continue }
                self.events.append("\(message)")
                self.check(message)
            }
            self.reader.endRead()
        } catch {
            self.events.append("\(error.code)")
            self.hasEnded = true
        }
    }

    private mutating func check(_ message: MessageAssembler.Message) {
        switch message {
        case .text(let text) where text.readableBytes > Self.limit: self.objection = "a text beyond the limit"
        case .text(let text) where String(validating: text.readableBytesView, as: UTF8.self) == nil:
            self.objection = "a text that is no UTF-8"
        case .binary(let data) where data.readableBytes > 2 * Self.limit: self.objection = "bytes beyond the limit"
        case .ping(let data) where data.readableBytes > 125: self.objection = "a ping of more than 125 bytes"
        case .close(let code?) where !(1000..<5000).contains(code): self.objection = "a close code that is none"
        default: break
        }
    }
}
