import NIOCore
import RedisClient

/// The two ends of a link to Redis.
enum RedisPieces {
    static var all: [MicroBenchmark] { [readPush, readAppended, formatCommand, formatAppend] }

    /// An entry as it comes by pub/sub.
    private static var readPush: MicroBenchmark {
        var reply = ByteBuffer(string: "*3\r\n")
        for bytes in [ByteBuffer(string: "message"), ByteBuffer(string: "martlet:room:{r0}"), ProtocolPieces.entry] {
            reply.writeImmutableBuffer(bulk(bytes))
        }
        return reading("ReplyReader, a message", reply)
    }

    /// The answer to an append.
    private static var readAppended: MicroBenchmark {
        reading("ReplyReader, an append's reply", bulk(ByteBuffer(string: "12 0f28d8c952137 1795252621430 0")))
    }

    private static var formatCommand: MicroBenchmark {
        MicroBenchmark(name: "CommandFormatter, from arguments") { iterations in
            let command: [RedisArgument] = [
                "EVALSHA", "0123456789abcdef0123456789abcdef01234567", 3, "martlet:room:{r0}:log",
                "martlet:room:{r0}:meta",
                "martlet:room:{r0}:changes", RedisArgument(ProtocolPieces.entry), "f28d8c9521370a19",
                "f28d8c9521370a19", 11,
                1_795_252_621_430, 10_000, "martlet:room:{r0}:live", 600_000, 0,
            ]
            var output = ByteBuffer()
            for _ in 0..<iterations {
                output.clear()
                use(CommandFormatter.append(command, to: &output))
            }
        }
    }

    /// An append as it is written: the names of the room's keys in pieces.
    private static var formatAppend: MicroBenchmark {
        MicroBenchmark(name: "CommandFormatter, an append") { iterations in
            let start = FormattedArguments(["EVALSHA", "0123456789abcdef0123456789abcdef01234567", 2])
            let room = Array("martlet:room:{".utf8)
            var output = ByteBuffer()
            for _ in 0..<iterations {
                output.clear()
                use(
                    CommandFormatter.append(count: 12, byteLimit: 2_000, to: &output) { command in
                        command.write(start)
                        command.write(room, "r0", "}:log")
                        command.write(room, "r0", "}:meta")
                        command.write(ProtocolPieces.entry)
                        command.write("0f28d8c952137")
                        command.write("0f28d8c952137")
                        command.write(11)
                        command.write(1_795_252_621_430)
                        command.write(10_000)
                        command.write(room, "r0", "}")
                    })
            }
        }
    }

    private static func bulk(_ bytes: ByteBuffer) -> ByteBuffer {
        var bulk = ByteBuffer(string: "$\(bytes.readableBytes)\r\n")
        bulk.writeImmutableBuffer(bytes)
        bulk.writeString("\r\n")
        return bulk
    }

    private static func reading(_ name: String, _ reply: ByteBuffer) -> MicroBenchmark {
        MicroBenchmark(name: name) { iterations in
            guard let reader = ReplyReader(limits: ReplyLimits(bytes: 1 << 20, elements: 100)) else { return }
            for _ in 0..<iterations {
                reader.append(reply)
                use(try reader.next { view in use(view.count) })
                reader.endRead()
            }
        }
    }
}
