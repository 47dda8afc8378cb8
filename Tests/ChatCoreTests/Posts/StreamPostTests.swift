import ChatProtocol
import NIOCore
import Testing

@testable import ChatCore

@Suite struct StreamPostTests {
    private let post = StreamPost(
        session: "chat-1-fdd2792a-3-17", key: #"a"\n"#, number: 9, frames: ByteBuffer(string: "{}\n{}"))

    @Test func aSessionsIdNamesNodeAndLoop() throws {
        let owner = try #require(post.owner)
        #expect(owner.node == NodeID("chat-1-fdd2792a") && owner.loop == 3)
        for session in ["", "-", "--", "n-1", "n-x-1", "n--1", "-0-1", "n!-0-1", "n-99999999999999999999-1"] {
            #expect(StreamPost(session: session, key: "", number: 1, frames: ByteBuffer()).owner == nil, "\(session)")
        }
    }

    @Test func noticesAreReadAsWritten() throws {
        let node = try #require(NodeID("n2-0"))
        var file = post
        file.frames = ByteBuffer(bytes: [0, 0, 0, 2, 0x7B, 0x7D, 0x0A, 0xFF])
        file.isBinary = true
        for notice in [
            PostNotice.post(post, from: node, ticket: 5), .post(file, from: node, ticket: 5),
            .answer(.accepted, ticket: 6), .answer(.unknown, ticket: 7),
        ] {
            #expect(PostNotice(notice.encoded()) == notice)
            // It may have to wait, and came with much else.
            var read = ByteBuffer(repeating: 0, count: 60_000)
            var encoded = notice.encoded()
            let length = encoded.readableBytes
            read.writeBuffer(&encoded)
            let slice = try #require(read.getSlice(at: 60_000, length: length))
            if case .post(let post, _, _) = PostNotice(slice) { #expect(post.frames.storageCapacity < 60_000) }
        }
    }

    @Test(arguments: [
        "", "\n", "{}\n", #"{"type":"post"}"# + "\n", #"{"type":"posted","ticket":1,"answer":"maybe"}"# + "\n",
        #"{"type":"posted","ticket":-1,"answer":"accepted"}"# + "\n",
        #"{"type":"posted","ticket":1,"answer":"accepted"}"#,
        #"{"type":"post","ticket":1,"from":"?","session":"s","key":"k","number":1}"# + "\n",
    ])
    func otherPayloadsAreNone(_ text: String) {
        #expect(PostNotice(ByteBuffer(string: text)) == nil)
    }
}
