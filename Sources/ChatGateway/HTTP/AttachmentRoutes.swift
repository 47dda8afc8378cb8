import ChatCore
import ChatProtocol
import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /attachments/{id}`: an attachment's bytes, from any node.
struct AttachmentRoutes: Sendable {
    let attachments: SessionAttachments
    /// Bytes that are read from Redis at once: what waits for a slow reader.
    private static let chunk = 64 * 1024

    func add(to router: Router<some RequestContext>) {
        router.get("attachments/{id}") { request, context in
            try await self.answer(request, id: context.parameters.get("id"))
        }
        router.head("attachments/{id}") { request, context in
            var response = try await self.answer(request, id: context.parameters.get("id"))
            let length = response.body.contentLength
            response.body = ResponseBody()
            response.headers[.contentLength] = length.map { String($0) }
            return response
        }
    }

    @concurrent private func answer(_ request: Request, id text: String?) async throws -> Response {
        guard let id = text.flatMap({ AttachmentID($0) }) else { throw HTTPError(.notFound) }
        let query = request.uri.queryParameters
        let isSigned = self.attachments.links.isValid(
            id, expires: query["expires"].map { String($0) }, signature: query["signature"].map { String($0) },
            now: WallClock.milliseconds()
        )
        let found: Attachment?
        do {
            // Before it is looked for: whether it exists is nobody's business.
            guard isSigned ? true : try await self.isForEverybody(id) else {
                throw HTTPError(
                    .forbidden, message: "the link is not valid any more: fetch the message again for another")
            }
            found = try await self.attachments.store.find(id).get()
        } catch let error as HTTPError {
            throw error
        } catch {
            throw HTTPError(.serviceUnavailable, headers: [.retryAfter: "1"], message: "Redis cannot be reached")
        }
        guard let found else { throw HTTPError(.notFound) }
        return self.answer(request, found, isPublic: !isSigned)
    }

    /// Whoever has the id may read what is in a public room.
    private func isForEverybody(_ id: AttachmentID) async throws -> Bool {
        guard !id.room.isDirect else { return false }
        return try await self.attachments.store.access(to: id.room).get() == .public
    }

    private func answer(_ request: Request, _ attachment: Attachment, isPublic: Bool) -> Response {
        var headers = Self.headers(attachment, isPublic: isPublic)
        let tag = headers[.eTag] ?? ""
        if let known = request.headers[.ifNoneMatch], known == "*" || known.contains(tag) {
            return Response(status: .notModified, headers: headers)
        }
        let isSame = request.headers[.ifRange].map { $0 == tag } ?? true
        switch ByteRange(isSame ? request.headers[.range] : nil, size: attachment.size) {
        case .whole:
            return Response(status: .ok, headers: headers, body: self.body(attachment, 0..<attachment.size))
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(attachment.size)"
            return Response(status: .partialContent, headers: headers, body: self.body(attachment, range))
        case .notSatisfiable:
            headers[.contentRange] = "bytes */\(attachment.size)"
            return Response(status: .rangeNotSatisfiable, headers: headers)
        }
    }

    private func body(_ attachment: Attachment, _ range: Range<Int>) -> ResponseBody {
        guard !range.isEmpty else { return ResponseBody() }
        return ResponseBody(contentLength: range.count) { writer in
            for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.chunk) {
                let part = start..<min(start + Self.chunk, range.upperBound)
                // It went while it was read: all one can do is to end early, which the client notices.
                guard let bytes = try await self.attachments.store.read(attachment, range: part).get() else {
                    throw HTTPError(.notFound)
                }
                try await writer.write(bytes)
            }
            try await writer.finish(nil)
        }
    }

    private static func headers(_ attachment: Attachment, isPublic: Bool) -> HTTPFields {
        var headers: HTTPFields = [
            .contentType: attachment.type == .text ? "text/plain; charset=utf-8" : attachment.type.string,
            .acceptRanges: "bytes",
            // What an id names never changes.
            .eTag: "\"\(attachment.id.secret)\"",
            .cacheControl: isPublic ? "public, max-age=86400, immutable" : "private, max-age=3600",
            .contentDisposition: ContentDisposition.header(
                attachment.name, isInline: attachment.type.isShownInline),
            .contentSecurityPolicy: "default-src 'none'; sandbox",
        ]
        if let name = HTTPField.Name("Cross-Origin-Resource-Policy") { headers[name] = "same-origin" }
        return headers
    }
}
