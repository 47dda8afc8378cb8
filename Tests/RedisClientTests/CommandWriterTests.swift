import NIOCore
import NIOEmbedded
import Testing

@testable import RedisClient

@Suite struct CommandWriterTests {
    private func format(_ arguments: [RedisArgument]) -> String? {
        var formatter = CommandFormatter()
        var output = ByteBuffer()
        guard let length = formatter.append(arguments, to: &output) else { return nil }
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
        var formatter = CommandFormatter()
        var output = ByteBuffer()
        _ = formatter.append(["GET", RedisArgument([UInt8](repeating: 120, count: 1_000_000))], to: &output)
        output.clear()
        _ = formatter.append(["GET", "a"], to: &output)
        #expect(String(buffer: output) == "*2\r\n$3\r\nGET\r\n$1\r\na\r\n")
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
}
