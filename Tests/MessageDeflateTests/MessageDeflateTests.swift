import NIOCore
import Testing

@testable import MessageDeflate

@Suite struct MessageDeflateTests {
    private let inflater = MessageInflater()

    private func inflate(_ bytes: [UInt8], limit: Int = 1_000) throws -> String {
        String(buffer: try inflater.inflate(ByteBuffer(bytes: bytes), limit: limit))
    }

    /// The examples of RFC 7692, sections 7.2.3.1, 7.2.3.3, 7.2.3.4, 7.2.3.5 and 7.2.3.6.
    @Test func inflatesTheExamplesOfTheRFC() throws {
        #expect(try inflate([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]) == "Hello")
        #expect(try inflate([0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00]) == "Hello")
        #expect(try inflate([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]) == "Hello")
        let twoBlocks: [UInt8] = [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00]
        #expect(try inflate(twoBlocks) == "Hello")
        #expect(try inflate([0x00]) == "")
    }

    @Test(arguments: [9, 11, 12, 15], [1, 6, 9])
    func whatIsDeflatedInflates(windowBits: Int, level: Int) throws {
        let deflater = MessageDeflater(windowBits: windowBits, level: level)
        var generator = SystemRandomNumberGenerator()
        for size in [30, 200, 511, 4_096, 70_000, 300_000] {
            let text = (0..<size).map { _ in "abcdefgh{\":".utf8.randomElement(using: &generator) ?? 0 }
            let message = ByteBuffer(bytes: text)
            guard let deflated = deflater.deflate(message) else { continue }
            #expect(deflated.readableBytes < size)
            #expect(try inflater.inflate(deflated, limit: size) == message)
            #expect(throws: MessageInflater.Failure.tooLarge) { try inflater.inflate(deflated, limit: size - 1) }
        }
    }

    /// Each message by itself: the same message gives the same bytes again.
    @Test func keepsNothingFromMessageToMessage() throws {
        let deflater = MessageDeflater(windowBits: 12, level: 1)
        let message = ByteBuffer(string: String(repeating: #"{"type":"message","room":"lobby"}"#, count: 9))
        let first = try #require(deflater.deflate(message))
        _ = deflater.deflate(ByteBuffer(string: "something else, something else"))
        #expect(deflater.deflate(message) == first)
    }

    @Test func leavesWhatGetsNoShorter() {
        let deflater = MessageDeflater(windowBits: 12, level: 9)
        var generator = SystemRandomNumberGenerator()
        #expect(deflater.deflate(ByteBuffer()) == nil)
        #expect(deflater.deflate(ByteBuffer(string: "a")) == nil)
        for size in [2, 100, 5_000] {
            let noise = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(deflater.deflate(ByteBuffer(bytes: noise)) == nil)
        }
    }

    /// A gigabyte in a megabyte, as far as the limit: the result never takes more than that.
    @Test func aBombIsStoppedAtTheLimit() throws {
        // A block of 258-byte repetitions of one byte, each 2 bits.
        var bomb: [UInt8] = [0xEC, 0xC1, 0x01, 0x0D, 0x00, 0x00, 0x00, 0xC2, 0xA0, 0xF7, 0x4F, 0x6D, 0x0F, 0x07, 0x14]
        bomb += [UInt8](repeating: 0, count: 1 << 20)
        #expect(throws: MessageInflater.Failure.self) { try inflate(bomb, limit: 65_536) }
        let zeros = try #require(
            MessageDeflater(windowBits: 15, level: 9).deflate(ByteBuffer(repeating: 0, count: 32 << 20)))
        #expect(zeros.readableBytes < 65_536)
        #expect(throws: MessageInflater.Failure.tooLarge) { try inflater.inflate(zeros, limit: 65_536) }
        #expect(try inflate([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]) == "Hello")
    }

    @Test(
        arguments: [
            [], [0xFF], [0xFF, 0xFF, 0xFF], [0xF2, 0x48], [0xF2, 0x48, 0xCD, 0xC9, 0xC9],
            // A repetition from before the beginning; a stored block that lies about its length.
            [0x4B, 0x84, 0xA3, 0xFF, 0x00], [0x00, 0x05, 0x00, 0xFA, 0xFE, 0x48],
        ] as [[UInt8]])
    func refusesWhatIsNoDeflate(_ bytes: [UInt8]) throws {
        #expect(throws: MessageInflater.Failure.malformed) { try inflate(bytes) }
        #expect(try inflate([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]) == "Hello")
    }

    /// Hostile bytes of all kinds: an error or a bounded result, never anything else.
    @Test func noiseIsHarmless() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let size = Int.random(in: 0...64, using: &generator)
            let noise = ByteBuffer(bytes: (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) })
            let inflated = try? inflater.inflate(noise, limit: 500)
            #expect((inflated?.readableBytes ?? 0) <= 500)
        }
    }
}
