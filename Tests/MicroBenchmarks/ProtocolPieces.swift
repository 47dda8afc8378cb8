import ChatCore
import ChatProtocol
import NIOCore

/// What a message passes through between two sockets.
enum ProtocolPieces {
    private static let text = String(repeating: "x", count: 80)
    static let sendFrame = ByteBuffer(string: #"{"type":"send","room":"r0","text":"\#(text)"}"#)
    static let entry = ByteBuffer(
        string: #"{"offset":12,"epoch":"f28d8c9521370a19","at":1795252621430,"type":"message","room":"r0","#
            + #""from":{"id":"g-38e4f9231e1968747e80779479f53f0f","name":"guest-f53f0f"},"text":"\#(text)"}"#
    )

    static var all: [MicroBenchmark] {
        [decodeClientFrame, encodeAppend, readEntryHeader, encodeEntries]
    }

    private static var decodeClientFrame: MicroBenchmark {
        MicroBenchmark(name: "ClientFrame.decode") { iterations in
            for _ in 0..<iterations { use(try ClientFrame.decode(sendFrame)) }
        }
    }

    private static var encodeAppend: MicroBenchmark {
        MicroBenchmark(name: "MessageBody.encode") { iterations in
            guard let room = RoomName("r0"), let user = UserID("g-38e4f9231e1968747e80779479f53f0f"),
                let name = DisplayName("guest-f53f0f")
            else { return }
            let author = Author(user, name: name)
            let send = Send(destination: .room(room), text: text)
            for _ in 0..<iterations { use(MessageBody.encode(send, room: room, author: author)) }
        }
    }

    private static var readEntryHeader: MicroBenchmark {
        MicroBenchmark(name: "EntryHeader") { iterations in
            for _ in 0..<iterations { use(EntryHeader(entry)) }
        }
    }

    /// What a room does once for all its members.
    private static var encodeEntries: MicroBenchmark {
        MicroBenchmark(name: "FrameEncoder.write") { iterations in
            let encoder = FrameEncoder()
            for _ in 0..<iterations {
                var buffer = ByteBuffer()
                encoder.write(entry, as: .webSocket, into: &buffer)
                use(buffer)
            }
        }
    }
}
