import NIOCore

@testable import ChatCore
@testable import ChatGateway
@testable import ChatProtocol

extension FuzzTarget {
    /// A text message: JSON, then the fields of every command there is, whatever the frame calls itself.
    @Sendable static func clientFrame(_ bytes: UnsafeRawBufferPointer) -> String? {
        let text = ByteBuffer(bytes: bytes)
        _ = try? PostBody.check(text, frameLimit: 4096)
        _ = PostBody.hello(text)
        let line = String(decoding: bytes, as: UTF8.self)
        _ = PlainCommand(line)
        if PlainLine.clean(line).unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return "a line of the plain dialect has a control character"
        }
        guard let frame = try? ClientFrame.decode(text) else { return nil }
        for command in CommandTable.rows.values { _ = try? command.init(frame.fields) }
        _ = try? Attach(frame.fields, bytes: ByteBuffer())
        if let text = try? frame.fields.optionalString("text"), let problem = Self.problem(ofText: text) {
            return problem
        }
        guard let name = try? frame.fields.optionalName() else { return nil }
        guard name.string.count <= 32, name.string.utf8.count <= 256 else { return "a name that is too long" }
        guard DisplayName(name.string)?.string == name.string else { return "a name that is not normal: \(name)" }
        let isClean = name.string.unicodeScalars.allSatisfy {
            $0.properties.generalCategory != .control && !$0.properties.isBidiControl
        }
        return isClean ? nil : "a name with a control character"
    }

    private static func problem(ofText text: String) -> String? {
        let limit = 4_096
        guard let normal = try? MessageText.normalise(text, limit: limit) else { return nil }
        guard normal.utf8.count <= limit else { return "a text that is too long" }
        let again = try? MessageText.normalise(normal, limit: limit)
        guard again?.utf8.elementsEqual(normal.utf8) == true else { return "a text that is not normal: \(normal)" }
        let isClean = normal.unicodeScalars.allSatisfy {
            $0 == "\n" || $0 == "\t" || $0.properties.generalCategory != .control
        }
        return isClean ? nil : "a text with a control character"
    }

    /// A binary message: the header's length, the header, a file.
    @Sendable static func attachHeader(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard let header = try? AttachmentHeader(ByteBuffer(bytes: bytes)) else { return nil }
        guard header.bytes.readableBytes <= max(0, bytes.count - 4) else { return "more bytes than there were" }
        guard let attach = try? Attach(header.fields, bytes: header.bytes) else { return nil }
        guard attach.name.utf8.count <= 255 else { return "a file's name that is too long" }
        let type = ContentType(of: attach.bytes, claim: attach.mediaType)
        guard ContentType(stored: type.string) == type else { return "a type that no node would take back" }
        let offer = ContentDisposition.header(attach.name, isInline: type.isShownInline)
        guard offer.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return "a header that is not printable" }
        return offer.utf8.count { $0 == UInt8(ascii: "\"") } == 2 ? nil : "a header with a quote too many"
    }
}
