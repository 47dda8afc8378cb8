import CHiredis
import NIOCore
import TestSupport
import Testing

@testable import RedisClient

/// What our functions note of replies, against the objects that hiredis' own make.
@Suite struct ReplyReaderTests {
    private static let limits = ReplyLimits(bytes: 1 << 20, elements: 100)

    /// What comes of bytes that arrive in these pieces; `nil` when the last reply is refused.
    private static func read(_ pieces: [[UInt8]]) -> [RedisValue]? {
        guard let reader = ReplyReader(limits: limits) else { return nil }
        var values: [RedisValue] = []
        do throws(RedisError) {
            for piece in pieces {
                reader.append(ByteBuffer(bytes: piece))
                while try reader.next({ view in
                    sharesWhatItShows(view)
                    values.append(view.value())
                }) {}
                reader.endRead()
            }
            return values
        } catch {
            return nil
        }
    }

    private static func sharesWhatItShows(_ view: ReplyView) {
        #expect(view.shared == ByteBuffer(bytes: view.bytes))
        for place in 0..<view.count { view[place].map(sharesWhatItShows) }
    }

    private static func reply(depth: Int, using random: inout SeededGenerator) -> [UInt8] {
        switch Int.random(in: 0...(depth < 5 ? 9 : 7), using: &random) {
        case 0: return Array("+\(["OK", "", "a b", "PONG"].randomElement(using: &random) ?? "")\r\n".utf8)
        case 1: return Array("-ERR \(["no", "", "a\rb"].randomElement(using: &random) ?? "")\r\n".utf8)
        case 2, 3:
            let numbers: [Int64] = [0, 7, -1, .max, .min, Int64.random(in: .min ... .max, using: &random)]
            return Array(":\(numbers.randomElement(using: &random) ?? 0)\r\n".utf8)
        case 4: return Array(["$-1\r\n", "*-1\r\n"].randomElement(using: &random)?.utf8 ?? "".utf8)
        case 5...7:
            let count = [0, 1, 9, 10, 300].randomElement(using: &random) ?? 0
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            return Array("$\(count)\r\n".utf8) + bytes + Array("\r\n".utf8)
        default:
            let count = Int.random(in: 0...4, using: &random)
            return (0..<count).reduce(into: Array("*\(count)\r\n".utf8)) { bytes, _ in
                bytes += reply(depth: depth + 1, using: &random)
            }
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func readsWhatHiredisReads(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let bytes = (0..<20).flatMap { _ in Self.reply(depth: 0, using: &random) }
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let size = min(rest.count, [1, 2, 3, 17, 400].randomElement(using: &random) ?? 1)
            pieces.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        let expected = try #require(Hiredis.read(bytes))
        #expect(expected.count == 20)
        #expect(Self.read(pieces) == expected)
        #expect(Self.read([bytes]) == expected)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func damagedRepliesDoNoHarm(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bytes = (0..<3).flatMap { _ in Self.reply(depth: 0, using: &random) }
        for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] = Array("+-:$*\r\n09\0".utf8).randomElement(using: &random) ?? 0
        }
        let whole = Self.read([bytes])
        #expect(Self.read(bytes.map { [$0] }) == whole)
    }

    @Test func sharesTheMemoryOfWhatCameInOneRead() throws {
        let reader = try #require(ReplyReader(limits: Self.limits))
        var shared: [ByteBuffer] = []
        // The second text comes in two reads, the third behind it.
        for piece in ["$5\r\nfirst\r\n$6\r\nsec", "ond\r\n$5\r\nthird\r\n"] {
            let read = ByteBuffer(string: piece)
            reader.append(read)
            while try reader.next({ view in
                shared.append(view.shared)
                let isInRead = read.withVeryUnsafeBytes { read in
                    view.shared.withUnsafeReadableBytes { $0.baseAddress.map { read.contains(address: $0) } }
                }
                #expect(isInRead == (view.text != "second"))
            }) {}
            reader.endRead()
        }
        #expect(shared.map { String(buffer: $0) } == ["first", "second", "third"])
        // Beyond what hiredis gets at once, and what it forgets.
        let read = ByteBuffer(string: String(repeating: "$900\r\n\(String(repeating: "y", count: 900))\r\n", count: 20))
        reader.append(read)
        var count = 0
        while try reader.next({ view in
            count += 1
            #expect(view.shared.storageCapacity == read.storageCapacity)
        }) {}
        #expect(count == 20)
    }

    @Test func aViewStepsOverArrays() throws {
        let reader = try #require(ReplyReader(limits: Self.limits))
        reader.append(ByteBuffer(string: "*4\r\n*2\r\n:1\r\n*1\r\n$1\r\nx\r\n*0\r\n$2\r\nab\r\n:9\r\n"))
        var seen: [String] = []
        let found = try reader.next { view in
            seen = ["\(view.count)", "\(view[0]?.count ?? -1)", "\(view[1]?.count ?? -1)", view[2]?.text ?? "-"]
            seen += ["\(view[3]?.value().int ?? -1)", "\(view[4] == nil)", view[0]?[1]?[0]?.text ?? "-"]
        }
        #expect(found)
        #expect(seen == ["4", "2", "0", "ab", "9", "true", "x"])
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func contains(address: UnsafeRawPointer) -> Bool {
        guard let start = self.baseAddress else { return false }
        return address >= start && address < start + self.count
    }
}

private enum Hiredis {
    /// What `redisReader` makes of the bytes; `nil` for an error.
    static func read(_ bytes: [UInt8]) -> [RedisValue]? {
        guard let reader = redisReaderCreate() else { return nil }
        defer { redisReaderFree(reader) }
        let fed = bytes.withUnsafeBytes {
            redisReaderFeed(reader, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard fed == REDIS_OK else { return nil }
        var values: [RedisValue] = []
        while true {
            var reply: UnsafeMutableRawPointer?
            guard redisReaderGetReply(reader, &reply) == REDIS_OK else { return nil }
            guard let reply else { return values }
            defer { freeReplyObject(reply) }
            values.append(value(reply.assumingMemoryBound(to: redisReply.self).pointee))
        }
    }

    private static func value(_ reply: redisReply) -> RedisValue {
        let bytes = UnsafeRawBufferPointer(start: reply.str, count: reply.str == nil ? 0 : Int(reply.len))
        let text = String(decoding: bytes, as: UTF8.self)
        switch reply.type {
        case REDIS_REPLY_STATUS: return .simple(text)
        case REDIS_REPLY_ERROR: return .error(RedisServerError(line: text))
        case REDIS_REPLY_INTEGER: return .integer(reply.integer)
        case REDIS_REPLY_STRING: return .bulk(ByteBuffer(bytes: bytes))
        case REDIS_REPLY_ARRAY:
            return .array((0..<Int(reply.elements)).compactMap { reply.element[$0].map { value($0.pointee) } })
        default: return .null
        }
    }
}
