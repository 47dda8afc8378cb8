import ChatProtocol
import MessageDeflate
import NIOCore
import Testing

@testable import ChatGateway

@Suite struct MessageAssemblerTests {
    private var assembler = MessageAssembler(messageLimit: 100)

    private func frame(
        _ opcode: WebSocketFrame.Opcode, _ payload: [UInt8] = [], fin: Bool = true, isCompressed: Bool = false
    ) -> WebSocketFrame {
        WebSocketFrame(opcode: opcode, fin: fin, rsv1: isCompressed, payload: ByteBuffer(bytes: payload))
    }

    private func text(_ text: String, fin: Bool = true) -> WebSocketFrame {
        frame(.text, Array(text.utf8), fin: fin)
    }

    private func code(_ body: () throws -> MessageAssembler.Message?) -> UInt16? {
        do {
            _ = try body()
            return nil
        } catch let violation as MessageAssembler.Violation {
            return violation.code.rawValue
        } catch {
            return 0
        }
    }

    // MARK: Messages

    @Test mutating func aSingleFrameIsAMessage() throws {
        let messages = [
            try assembler.add(text("Héllo")), try assembler.add(text("")), try assembler.add(frame(.binary, [0, 255])),
        ]
        #expect(
            messages == [
                .text(ByteBuffer(string: "Héllo")), .text(ByteBuffer()), .binary(ByteBuffer(bytes: [0, 255])),
            ])
    }

    @Test mutating func fragmentsBecomeOneMessage() throws {
        // The two bytes of the é lie in different fragments, with a ping in between (RFC 6455, section 5.4).
        let parts = [
            try assembler.add(frame(.text, [0x61, 0xC3], fin: false)),
            try assembler.add(frame(.ping, [7])),
            try assembler.add(frame(.continuation, [], fin: false)),
            try assembler.add(frame(.pong)),
            try assembler.add(frame(.continuation, [0xA9])),
            try assembler.add(text("next")),
        ]
        #expect(
            parts == [
                nil, .ping(ByteBuffer(bytes: [7])), nil, .pong, .text(ByteBuffer(string: "aé")),
                .text(ByteBuffer(string: "next")),
            ])
    }

    @Test mutating func fragmentsKeepTheirKind() throws {
        _ = try assembler.add(frame(.binary, [0xFF], fin: false))
        let message = try assembler.add(frame(.continuation, [0xFE]))
        #expect(message == .binary(ByteBuffer(bytes: [0xFF, 0xFE])))
    }

    // MARK: Violations

    @Test mutating func fragmentsMustNotMix() throws {
        #expect(code { try assembler.add(frame(.continuation, [0x61])) } == 1002)
        _ = try assembler.add(text("a", fin: false))
        #expect(code { try assembler.add(text("b")) } == 1002)
        #expect(code { try assembler.add(frame(.binary, [], fin: false)) } == 1002)
    }

    @Test mutating func aMessageIsLimitedOverAllItsFragments() throws {
        let half = [UInt8](repeating: 0x61, count: 50)
        _ = try assembler.add(frame(.text, half, fin: false))
        let whole = try assembler.add(frame(.continuation, half))
        #expect(whole == .text(ByteBuffer(bytes: half + half)))
        _ = try assembler.add(frame(.text, half, fin: false))
        _ = try assembler.add(frame(.continuation, half, fin: false))
        #expect(code { try assembler.add(frame(.continuation, [0x61], fin: false)) } == 1009)
    }

    @Test(
        arguments: [
            [0x80], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0xE2, 0x82],
            [0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0xC3],
            [0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0xC3, 0x28],
        ] as [[UInt8]])
    mutating func textMustBeUTF8(_ bytes: [UInt8]) throws {
        #expect(code { try assembler.add(frame(.text, bytes)) } == 1007)
        _ = try assembler.add(frame(.text, bytes, fin: false))
        #expect(code { try assembler.add(frame(.continuation)) } == 1007)
    }

    @Test(arguments: ["", "a", "12345678", "1234567é", "12345678é", "😀😀😀😀😀", "\u{0}\u{7F}\u{FFFF}\u{10FFFF}"])
    func validUTF8IsRecognised(_ text: String) {
        #expect(ByteBuffer(string: text).isValidUTF8)
        var sliced = ByteBuffer(string: "\u{E9}" + text)
        sliced.moveReaderIndex(forwardBy: 2)
        #expect(sliced.isValidUTF8)
    }

    // MARK: Closing

    @Test(arguments: [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] as [UInt16])
    mutating func aCloseCodeThatMayBeSentIsTaken(_ code: UInt16) throws {
        let payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
        let plain = try assembler.add(frame(.close, payload))
        let withReason = try assembler.add(frame(.close, payload + Array("bye".utf8)))
        #expect(plain == .close(code: code) && withReason == .close(code: code))
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] as [UInt16])
    mutating func aCloseCodeThatMustNotBeSentIsRefused(_ code: UInt16) {
        let payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
        #expect(self.code { try assembler.add(frame(.close, payload)) } == 1002)
    }

    @Test mutating func aCloseMayBeEmptyButNotHalf() throws {
        let empty = try assembler.add(frame(.close))
        #expect(empty == .close(code: nil))
        #expect(code { try assembler.add(frame(.close, [3])) } == 1002)
        #expect(code { try assembler.add(frame(.close, [3, 0xE8, 0xFF])) } == 1007)
    }

    // MARK: Compression

    /// "Hello" as RFC 7692 has it, section 7.2.3.1.
    private static let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]

    @Test mutating func compressedMessagesAreInflated() throws {
        assembler = MessageAssembler(messageLimit: 100, inflater: MessageInflater())
        let messages = [
            try assembler.add(frame(.text, Self.hello, isCompressed: true)),
            try assembler.add(text("plain")),
            try assembler.add(frame(.binary, Array(Self.hello.prefix(3)), fin: false, isCompressed: true)),
            try assembler.add(frame(.ping, [1])),
            try assembler.add(frame(.continuation, Array(Self.hello.dropFirst(3)))),
            try assembler.add(frame(.text, [0x00], isCompressed: true)),
        ]
        #expect(
            messages == [
                .text(ByteBuffer(string: "Hello")), .text(ByteBuffer(string: "plain")), nil,
                .ping(ByteBuffer(bytes: [1])), .binary(ByteBuffer(string: "Hello")), .text(ByteBuffer()),
            ])
    }

    @Test mutating func theReservedBitIsForTheFirstFrameOfWhatWasAgreedOn() {
        #expect(code { try assembler.add(frame(.text, Self.hello, isCompressed: true)) } == 1002)
        assembler = MessageAssembler(messageLimit: 100, inflater: MessageInflater())
        #expect(code { try assembler.add(frame(.ping, [], isCompressed: true)) } == 1002)
        #expect(code { try assembler.add(frame(.close, [], isCompressed: true)) } == 1002)
        #expect(code { try assembler.add(frame(.text, [0x61], fin: false)) } == nil)
        #expect(code { try assembler.add(frame(.continuation, Self.hello, isCompressed: true)) } == 1002)
    }

    @Test mutating func whatInflatesIsCheckedAndBounded() throws {
        assembler = MessageAssembler(messageLimit: 100, inflater: MessageInflater())
        let deflater = MessageDeflater(windowBits: 15, level: 9)
        let bomb = try #require(deflater.deflate(ByteBuffer(repeating: 0x61, count: 101)))
        let fits = try #require(deflater.deflate(ByteBuffer(repeating: 0x61, count: 100)))
        let notText = try #require(deflater.deflate(ByteBuffer(repeating: 0xC3, count: 50)))
        #expect(code { try assembler.add(frame(.text, Array(fits.readableBytesView), isCompressed: true)) } == nil)
        #expect(code { try assembler.add(frame(.text, Array(bomb.readableBytesView), isCompressed: true)) } == 1009)
        #expect(code { try assembler.add(frame(.text, Array(notText.readableBytesView), isCompressed: true)) } == 1007)
        #expect(code { try assembler.add(frame(.binary, [0xFF, 0xFF], isCompressed: true)) } == 1002)
    }
}
