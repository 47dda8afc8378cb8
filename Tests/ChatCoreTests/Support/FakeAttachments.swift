import ChatCore
import ChatProtocol
import NIOCore
import NIOEmbedded
import Synchronization

/// Attachments in memory; answers when the test says so.
final class FakeAttachments: Attachments {
    private struct State {
        var stored: [AttachmentID: (attachment: Attachment, bytes: ByteBuffer)] = [:]
        var held: [EventLoopPromise<Void>]?
        var fails = false
    }

    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    var all: [Attachment] { state.withLock { $0.stored.values.map(\.attachment) } }

    func bytes(_ id: AttachmentID) -> ByteBuffer? { state.withLock { $0.stored[id]?.bytes } }

    func fail() { state.withLock { $0.fails = true } }

    /// From now on storing waits for ``release()``.
    func hold() { state.withLock { $0.held = [] } }

    func release() {
        let held = state.withLock { state in
            defer { state.held = nil }
            return state.held ?? []
        }
        for promise in held { promise.succeed() }
    }

    func store(_ bytes: ByteBuffer, of attachment: Attachment) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        state.withLock { state in
            if state.fails { return promise.fail(StoreError.unavailable("the test says so")) }
            state.stored[attachment.id] = (attachment, bytes)
            if state.held == nil { promise.succeed() } else { state.held?.append(promise) }
        }
        return promise.futureResult
    }

    func access(to room: RoomName) -> EventLoopFuture<RoomAccess> {
        eventLoop.makeSucceededFuture(.public)
    }

    func discard(_ id: AttachmentID) { state.withLock { $0.stored[id] = nil } }

    func find(_ id: AttachmentID) -> EventLoopFuture<Attachment?> {
        eventLoop.makeSucceededFuture(state.withLock { $0.stored[id]?.attachment })
    }

    func read(_ attachment: Attachment, range: Range<Int>) -> EventLoopFuture<ByteBuffer?> {
        let bytes = state.withLock { $0.stored[attachment.id]?.bytes }
        return eventLoop.makeSucceededFuture(bytes?.getSlice(at: range.lowerBound, length: range.count))
    }
}

/// Links that can be read.
struct FakeLinks: AttachmentLinks {
    func url(of id: AttachmentID, now: Int64) -> String { "/attachments/\(id)?signature=ok" }

    func isValid(_ id: AttachmentID, expires: String?, signature: String?, now: Int64) -> Bool { signature == "ok" }
}
