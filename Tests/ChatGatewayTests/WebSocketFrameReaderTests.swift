import ChatProtocol
import NIOCore
import Testing

@testable import ChatGateway

@Suite struct WebSocketFrameReaderTests {
    private static let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]

    /// Written byte by byte as RFC 6455 has it, section 5.2.
    private static func bytes(
        first: UInt8, _ payload: [UInt8] = [], masked: Bool = true, lengthBytes: Int? = nil
    ) -> [UInt8] {
        let count = payload.count
        let lengthBytes = lengthBytes ?? (count < 126 ? 0 : count < 65_536 ? 2 : 8)
        let mark: UInt8 = masked ? 0x80 : 0
        var bytes = [first, mark | (lengthBytes == 0 ? UInt8(count) : lengthBytes == 2 ? 126 : 127)]
        for place in (0..<lengthBytes).reversed() { bytes.append(UInt8(truncatingIfNeeded: count >> (8 * place))) }
        guard masked else { return bytes + payload }
        bytes += Self.mask
        for (index, byte) in payload.enumerated() { bytes.append(byte ^ Self.mask[index % 4]) }
        return bytes
    }

    /// What comes of bytes that arrive in these pieces.
    private static func read(
        _ pieces: [[UInt8]], limit: Int = 100_000
    ) throws(MessageAssembler.Violation) -> [WebSocketFrame] {
        var reader = WebSocketFrameReader(payloadLimit: limit)
        var frames: [WebSocketFrame] = []
        for piece in pieces {
            reader.append(ByteBuffer(bytes: piece))
            while let frame = try reader.next() { frames.append(frame) }
            reader.endRead()
        }
        return frames
    }

    private static func code(_ pieces: [[UInt8]], limit: Int = 100_000) -> UInt16? {
        do throws(MessageAssembler.Violation) {
            _ = try Self.read(pieces, limit: limit)
            return nil
        } catch {
            return error.code.rawValue
        }
    }

    @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 125, 126, 127, 65_535, 65_536, 99_999])
    func aFrameOfAnyLengthIsReadAndUnmasked(_ count: Int) throws {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
        let frames = try Self.read([Self.bytes(first: 0x82, payload)])
        #expect(frames == [WebSocketFrame(opcode: .binary, payload: ByteBuffer(bytes: payload))])
    }

    /// RFC 6455, section 5.7: a single-frame masked text message, "Hello".
    @Test func theExampleOfTheStandardIsRead() throws {
        let frames = try Self.read([[0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]])
        #expect(frames == [WebSocketFrame(opcode: .text, payload: ByteBuffer(string: "Hello"))])
    }

    @Test func theMarksOfTheFirstByteAreRead() throws {
        let frames = try Self.read([
            Self.bytes(first: 0x01, [1]) + Self.bytes(first: 0x00) + Self.bytes(first: 0xC1) + Self.bytes(first: 0x88)
                + Self.bytes(first: 0x89) + Self.bytes(first: 0x8A)
        ])
        #expect(
            frames == [
                WebSocketFrame(opcode: .text, fin: false, payload: ByteBuffer(bytes: [1])),
                WebSocketFrame(opcode: .continuation, fin: false), WebSocketFrame(opcode: .text, rsv1: true),
                WebSocketFrame(opcode: .close), WebSocketFrame(opcode: .ping), WebSocketFrame(opcode: .pong),
            ])
    }

    @Test(arguments: [1, 2, 3, 5, 13, 64, 150, 1_000])
    func frameMayArriveInAnyPieces(_ size: Int) throws {
        var sent: [WebSocketFrame] = []
        var bytes: [UInt8] = []
        for count in [0, 3, 125, 126, 300, 0, 1] {
            let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 5) }
            sent.append(WebSocketFrame(opcode: .text, payload: ByteBuffer(bytes: payload)))
            bytes += Self.bytes(first: 0x81, payload)
        }
        let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
        #expect(try Self.read(pieces) == sent)
    }

    /// Short texts are written to memory that all readers of a loop use again.
    @Test(arguments: [0, 5, 4_096, 4_097])
    func whatIsStillHeldIsNotWrittenOver(_ count: Int) throws {
        let memory = PayloadMemory()
        var held: [ByteBuffer] = []
        for letter in "abc".utf8 {
            var reader = WebSocketFrameReader(payloadLimit: 10_000, memory: memory)
            reader.append(ByteBuffer(bytes: Self.bytes(first: 0x81, Array(repeating: letter, count: count))))
            held.append(try #require(try reader.next()).payload)
            reader.endRead()
        }
        #expect(held == "abc".utf8.map { ByteBuffer(repeating: $0, count: count) })
    }

    @Test func whatNobodyHoldsIsUsedAgain() {
        let memory = PayloadMemory()
        let addresses = (0..<3).map { letter in
            memory.buffer(of: 100, isPassing: true) { $0.copyBytes(from: repeatElement(letter, count: 100)) }
                .withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        }
        #expect(Set(addresses).count == 1)
    }

    @Test func whatIsNotCompleteKeepsNothingOfTheChannels() throws {
        var reader = WebSocketFrameReader(payloadLimit: 100)
        var read = ByteBuffer(bytes: Self.bytes(first: 0x81, Array("one".utf8)) + [0x81])
        reader.append(read)
        let first = try reader.next()
        let none = try reader.next()
        reader.endRead()
        #expect(first?.payload == ByteBuffer(string: "one") && none == nil)
        // The channel reads the next bytes into the same memory.
        let rest = Array(Self.bytes(first: 0x81, Array("two".utf8)).dropFirst())
        read.clear()
        read.writeRepeatingByte(0xFF, count: 20)
        reader.append(ByteBuffer(bytes: rest))
        #expect(try reader.next()?.payload == ByteBuffer(string: "two"))
    }

    @Test(arguments: [0x91, 0xA1, 0xB1, 0x83, 0x87, 0x8B, 0x8F, 0x03, 0x08, 0x09, 0x0A] as [UInt8])
    func reservedBitsOpcodesAndFragmentedControlFramesAreRefused(_ first: UInt8) {
        #expect(Self.code([Self.bytes(first: first)]) == 1002)
        // As soon as it shows.
        #expect(Self.code([[first, 0x80]]) == 1002)
    }

    @Test func aFrameWithoutAMaskIsRefused() {
        #expect(Self.code([Self.bytes(first: 0x81, [0x61], masked: false)]) == 1002)
        #expect(Self.code([[0x81, 0x7F]]) == 1002)
    }

    @Test(arguments: [0x88, 0x89, 0x8A] as [UInt8])
    func controlFramesAreShort(_ first: UInt8) throws {
        let longest = [UInt8](repeating: 1, count: 125)
        #expect(try Self.read([Self.bytes(first: first, longest)]).first?.payload == ByteBuffer(bytes: longest))
        #expect(Self.code([Self.bytes(first: first, longest + [1])]) == 1002)
        #expect(Self.code([[first, 0xFF]]) == 1002)
    }

    @Test func theLimitHoldsBeforeThePayloadComes() throws {
        #expect(try Self.read([Self.bytes(first: 0x82, [UInt8](repeating: 0, count: 100))], limit: 100).count == 1)
        #expect(Self.code([[0x82, 0x80 | 101]], limit: 100) == 1009)
        #expect(Self.code([[0x82, 0xFE, 0xFF, 0xFF]], limit: 100) == 1009)
        // Lengths that no Int holds, and the sign bit that must be 0.
        #expect(Self.code([[0x82, 0xFF] + [UInt8](repeating: 0xFF, count: 8)]) == 1009)
        #expect(Self.code([[0x82, 0xFF, 0x80] + [UInt8](repeating: 0, count: 7)]) == 1009)
        #expect(Self.code([[0x82, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 7)]) == 1009)
    }

    @Test func lengthsMayBeLongerThanTheyNeed() throws {
        for lengthBytes in [2, 8] {
            let frames = try Self.read([Self.bytes(first: 0x81, [0x61], lengthBytes: lengthBytes)])
            #expect(frames == [WebSocketFrame(opcode: .text, payload: ByteBuffer(bytes: [0x61]))])
        }
    }

    @Test func framesBeforeAViolationAreGood() throws {
        var reader = WebSocketFrameReader(payloadLimit: 100)
        reader.append(ByteBuffer(bytes: Self.bytes(first: 0x81, [0x61]) + [0xFF, 0x80]))
        #expect(try reader.next()?.payload == ByteBuffer(bytes: [0x61]))
        #expect(throws: MessageAssembler.Violation.self) { try reader.next() }
    }
}
