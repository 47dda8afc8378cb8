import CHiredis
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import RedisClient

@Suite struct CommandWriterTests {
    private func format(_ arguments: [RedisArgument]) -> String? {
        var output = ByteBuffer()
        guard let length = CommandFormatter.append(arguments, to: &output) else { return nil }
        #expect(length == output.readableBytes)
        return String(buffer: output)
    }

    @Test func formatsEveryKindOfArgument() {
        let command: [RedisArgument] = [
            "SET", RedisArgument("k\u{e9}y"), RedisArgument(-7), RedisArgument(ByteBuffer(string: "a\r\nb")),
            RedisArgument([0, 1]), "",
        ]
        let expected = "*6\r\n$3\r\nSET\r\n$4\r\nk\u{e9}y\r\n$2\r\n-7\r\n$4\r\na\r\nb\r\n$2\r\n\0\u{1}\r\n$0\r\n\r\n"
        #expect(format(command) == expected)
        #expect(command.estimatedCommandBytes >= expected.utf8.count)
    }

    @Test func emptyArgumentsAlone() {
        #expect(format([""]) == "*1\r\n$0\r\n\r\n")
        #expect(format([]) == nil)
    }

    @Test func oneFormatterServesManyCommands() {
        var output = ByteBuffer()
        _ = CommandFormatter.append(["GET", RedisArgument([UInt8](repeating: 120, count: 1_000_000))], to: &output)
        output.clear()
        _ = CommandFormatter.append(["GET", "a"], to: &output)
        #expect(String(buffer: output) == "*2\r\n$3\r\nGET\r\n$1\r\na\r\n")
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func formatsAsHiredisDoes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let texts = (0..<Int.random(in: 1...12, using: &random)).map { _ in
            let length = [0, 1, 9, 10, 99, 100, 1_000, 12_345].randomElement(using: &random) ?? 0
            return (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        let numbers = [0, 9, 10, -1, .min, .max, Int64.random(in: .min ... .max, using: &random)] as [Int64]
        let arguments = texts.map { RedisArgument($0) } + numbers.map { RedisArgument($0) }
        var output = ByteBuffer()
        #expect(CommandFormatter.append(arguments, to: &output) == output.readableBytes)
        #expect(Array(buffer: output) == Hiredis.format(texts + numbers.map { Array(String($0).utf8) }))
    }

    @Test func aCommandMayBeWrittenArgumentByArgument() {
        let start = FormattedArguments(["SET", "k", -7])
        var (output, expected) = (ByteBuffer(), ByteBuffer())
        let length = CommandFormatter.append(count: 7, byteLimit: 200, to: &output) { command in
            command.write(start)
            command.write("k\u{e9}y")
            command.write(Int64.min)
            command.write(ByteBuffer(string: "a\r\nb"))
            command.write(Array("room:{".utf8), "\u{e9}", "}:log")
        }
        let arguments: [RedisArgument] = [
            "SET", "k", -7, "k\u{e9}y", RedisArgument(Int64.min), RedisArgument(ByteBuffer(string: "a\r\nb")),
            "room:{\u{e9}}:log",
        ]
        _ = CommandFormatter.append(arguments, to: &expected)
        #expect(output == expected && length == expected.readableBytes)
    }

    @Test(arguments: [0, 3, 10, 16, 17, 18, 27])
    func whatIsTooLongOrMiscountedIsNotSent(byteLimit: Int) {
        var output = ByteBuffer(string: "before")
        #expect(
            CommandFormatter.append(count: 2, byteLimit: byteLimit, to: &output) { command in
                command.write("GET")
                command.write("a key")
                // It is "*2", "$3", "GET", "$5" and "a key", each with its line end: 24 bytes.
            } == (byteLimit < 24 ? nil : 24))
        #expect(
            CommandFormatter.append(count: 3, byteLimit: 100, to: &output) { $0.write("GET") } == nil)
        #expect(output.readableBytes == 6 + (byteLimit < 24 ? 0 : 24))
    }

    @Test func oneLoopTurnLeavesInOneWrite() throws {
        let channel = EmbeddedChannel()
        let writer = CommandWriter(channel: channel)
        _ = writer.write(["A"])
        _ = writer.write(["B"])
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
        channel.embeddedEventLoop.run()
        let written = try channel.readOutbound(as: ByteBuffer.self)
        #expect(written == ByteBuffer(string: "*1\r\n$1\r\nA\r\n*1\r\n$1\r\nB\r\n"))
        _ = writer.write(["C"])
        channel.embeddedEventLoop.run()
        #expect(try channel.readOutbound(as: ByteBuffer.self) != nil)
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
    }

    @Test func manyCommandsLeaveInSeveralWrites() throws {
        let channel = EmbeddedChannel()
        let writer = CommandWriter(channel: channel)
        var (expected, written) = (ByteBuffer(), ByteBuffer())
        for number in 0..<10_000 {
            let command: [RedisArgument] = ["ECHO", RedisArgument(number)]
            _ = CommandFormatter.append(command, to: &expected)
            _ = writer.write(command)
            writer.flushIfMany()
            // Nothing waits for the end of the turn beyond what one write is to have.
            while var write = try channel.readOutbound(as: ByteBuffer.self) {
                #expect((49_152..<49_200).contains(write.readableBytes))
                written.writeBuffer(&write)
            }
        }
        #expect(written.readableBytes > 3 * 49_152)
        channel.embeddedEventLoop.run()
        while var write = try channel.readOutbound(as: ByteBuffer.self) { written.writeBuffer(&write) }
        #expect(written == expected)
    }

    /// NIO holds what the kernel has not taken: what follows must not be written over it.
    @Test func whatIsStillHeldIsLeftAlone() throws {
        let channel = EmbeddedChannel()
        let writer = CommandWriter(channel: channel)
        _ = writer.write(["A"])
        writer.flush()
        _ = writer.write(["B"])
        writer.flush()
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "*1\r\n$1\r\nA\r\n"))
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "*1\r\n$1\r\nB\r\n"))
    }
}

private enum Hiredis {
    /// What `redisFormatCommandArgv` makes of a command.
    static func format(_ arguments: [[UInt8]]) -> [UInt8]? {
        let bytes = arguments.flatMap { $0 }
        var formatted: UnsafeMutablePointer<CChar>?
        let length = bytes.withUnsafeBytes { scratch -> Int in
            var pointers: [UnsafePointer<CChar>?] = []
            var offset = 0
            for argument in arguments {
                pointers.append((scratch.baseAddress.map { $0 + offset })?.assumingMemoryBound(to: CChar.self))
                offset += argument.count
            }
            return Int(redisFormatCommandArgv(&formatted, Int32(arguments.count), &pointers, arguments.map(\.count)))
        }
        guard length > 0, let formatted else { return nil }
        defer { redisFreeCommand(formatted) }
        return Array(UnsafeRawBufferPointer(start: formatted, count: length))
    }
}
