import NIOCore
import RedisClient

/// The two ends of a link to Redis.
enum RedisPieces {
    static var all: [MicroBenchmark] { [readPush, readArray, formatCommand, formatAppend] }

    /// An entry as it comes by pub/sub.
    private static var readPush: MicroBenchmark {
        reading(
            "ReplyReader, a message", [.bulk("message"), .bulk("martlet:room:{r0}:live"), .bulk(ProtocolPieces.entry)])
    }

    /// An answer in pieces.
    private static var readArray: MicroBenchmark {
        reading(
            "ReplyReader, a reply of four",
            [.integer(12), .bulk("f28d8c9521370a19"), .integer(1_795_252_621_430), .integer(0)])
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

    private enum Element {
        case bulk(ByteBuffer)
        case integer(Int)

        static func bulk(_ text: String) -> Element { .bulk(ByteBuffer(string: text)) }

        func write(into buffer: inout ByteBuffer) {
            switch self {
            case .bulk(let bytes):
                buffer.writeString("$\(bytes.readableBytes)\r\n")
                buffer.writeImmutableBuffer(bytes)
                buffer.writeString("\r\n")
            case .integer(let number):
                buffer.writeString(":\(number)\r\n")
            }
        }
    }

    private static func reading(_ name: String, _ elements: [Element]) -> MicroBenchmark {
        MicroBenchmark(name: name) { iterations in
            guard let reader = ReplyReader(limits: ReplyLimits(bytes: 1 << 20, elements: 100)) else { return }
            var reply = ByteBuffer(string: "*\(elements.count)\r\n")
            for element in elements { element.write(into: &reply) }
            for _ in 0..<iterations {
                reader.append(reply)
                use(try reader.next { view in use(view.count) })
                reader.endRead()
            }
        }
    }
}
