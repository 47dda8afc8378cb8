import ChatCore
import HTTPTypes
import Hummingbird
import NIOCore

/// The fallback where WebSockets are blocked: `POST /stream` answers with an endless event stream, and
/// `POST /stream/{session}` brings the client's frames, to any node.
struct StreamRoutes: Sendable {
    let desk: StreamDesk
    let gate: ConnectionGate
    let door: FrontDoor
    let frameLimit: Int
    /// Bytes of a post that is one binary message; 0: none is taken.
    let binaryLimit: Int

    func add(to router: Router<ChatRequestContext>) {
        router.post("stream") { request, context in try await self.begin(request, context) }
        router.post("stream/:session") { request, context in try await self.post(request, context) }
    }

    private func begin(_ request: Request, _ context: ChatRequestContext) async throws -> Response {
        guard self.gate.isOpen else { return Self.answer(.draining) }
        guard self.isFromHere(request) else { return Self.answer(.origin) }
        let body = try await context.withinTime(Self.bodyTime) {
            try await request.body.collect(upTo: self.frameLimit)
        }
        guard let hello = PostBody.hello(body) else {
            return Self.answer(.badRequest, "the body must be the 'hello', a JSON object\n")
        }
        let forwardedFor = HTTPField.Name("X-Forwarded-For").map { request.headers[values: $0] } ?? []
        guard await context.admitForwarded(by: self.door, forwardedFor: forwardedFor) else {
            return Self.answer(.tooMany)
        }
        let (desk, channel) = (self.desk, context.channel)
        return Response(
            status: .ok,
            headers: Self.streamHeaders,
            body: ResponseBody { writer in
                try await desk.run(hello: hello, on: channel)
                try await writer.finish(nil)
            }
        )
    }

    private func post(_ request: Request, _ context: ChatRequestContext) async throws -> Response {
        let session = try context.parameters.require("session")
        guard self.isFromHere(request) else { return Self.answer(.origin) }
        let isBinary = self.binaryLimit > 0 && request.headers[.contentType]?.lowercased() == "application/octet-stream"
        let limit = isBinary ? self.binaryLimit : StreamPost.byteLimit
        let body = try await context.withinTime(isBinary ? Self.fileTime : Self.bodyTime) {
            try await request.body.collect(upTo: limit)
        }
        guard let key = Self.value("Martlet-Stream-Key", request), !key.isEmpty, key.utf8.count <= 128,
            session.utf8.count <= 128
        else {
            return Self.answer(.notFound, "there is no such session, or Martlet-Stream-Key is not its key\n")
        }
        guard let number = Self.value("Martlet-Seq", request).flatMap(Self.postNumber) else {
            return Self.answer(.badRequest, "Martlet-Seq must be the post's number: 1, 2, 3 and so on\n")
        }
        let frames: ByteBuffer
        do throws(PostBody.Failure) {
            frames = isBinary ? body : try PostBody.check(body, frameLimit: self.frameLimit)
        } catch {
            switch error {
            case .malformed(let reason): return Self.answer(.badRequest, reason + "\n")
            case .tooLarge(let reason): return Self.answer(.contentTooLarge, reason + "\n")
            }
        }
        let post = StreamPost(session: session, key: key, number: number, frames: frames, isBinary: isBinary)
        switch await self.desk.deliver(post) {
        case .accepted:
            return Response(status: .accepted)
        case .unknown:
            return Self.answer(.notFound, "there is no such session, or Martlet-Stream-Key is not its key\n")
        case .unavailable:
            return Self.answer(.serviceUnavailable, "not now: repeat it with the same Martlet-Seq\n")
        }
    }

    /// How long a body may take to come in.
    private static let bodyTime = TimeAmount.seconds(20)
    /// The same for a file: a megabyte over a slow line.
    private static let fileTime = TimeAmount.seconds(60)

    private func isFromHere(_ request: Request) -> Bool {
        self.door.configuration.origins.allows(request.headers[values: .origin], host: request.head.authority)
    }

    /// Like all integers of the protocol it stays below 2^53.
    private static func postNumber(_ text: String) -> UInt64? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(text) else { return nil }
        return (1..<(1 << 53)).contains(number) ? number : nil
    }

    private static func value(_ name: String, _ request: Request) -> String? {
        HTTPField.Name(name).flatMap { request.headers[$0] }
    }

    /// Neither caches nor proxies may keep events back; nginx wants to be told by a header of its own.
    private static var streamHeaders: HTTPFields {
        var headers: HTTPFields = [
            .contentType: "text/event-stream", .cacheControl: "no-store, no-transform", .connection: "close",
        ]
        if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
        return headers
    }

    private static func answer(_ refusal: Refusal) -> Response {
        self.answer(.init(code: Int(refusal.status)), refusal.reason + "\n")
    }

    private static func answer(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }
}
