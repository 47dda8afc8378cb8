import HTTPTypes
import Hummingbird
import NIOCore

/// Lets scripts of the pages that the operator has named (`origins`) read what the API answers (the Fetch standard's
/// CORS protocol); for all others browsers keep it back. Nothing here rests on cookies, so credentials are never allowed.
struct CrossOrigin: RouterMiddleware {
    typealias Context = ChatRequestContext

    let policy: OriginPolicy

    /// What is for programs; the page and its files are the node's own.
    private static let paths = ["/auth/", "/stream", "/api/", "/attachments/"]

    @concurrent func handle(
        _ request: Request,
        context: ChatRequestContext,
        next: @concurrent (Request, ChatRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin], Self.paths.contains(where: request.uri.path.hasPrefix) else {
            return try await next(request, context)
        }
        let isListed = self.policy.lists(request.headers[values: .origin])
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            return isListed ? Self.preflight(origin) : Self.refusal
        }
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as any HTTPResponseError {
            response = try error.response(from: request, context: context)
        }
        // A cache must not give one page's answer to another.
        response.headers.append(HTTPField(name: .vary, value: "Origin"))
        guard isListed else { return response }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] = "Accept-Ranges, Content-Range, ETag, Retry-After"
        return response
    }

    private static func preflight(_ origin: String) -> Response {
        Response(
            status: .noContent,
            headers: [
                .accessControlAllowOrigin: origin,
                .accessControlAllowMethods: "GET, HEAD, POST",
                .accessControlAllowHeaders:
                    "Authorization, Content-Type, If-None-Match, If-Range, Martlet-Seq, Martlet-Stream-Key, Range",
                .accessControlMaxAge: "600",
                .vary: "Origin",
            ])
    }

    private static var refusal: Response {
        Response(
            status: .forbidden,
            headers: [.contentType: "text/plain; charset=utf-8", .vary: "Origin"],
            body: .init(byteBuffer: ByteBuffer(string: Refusal.origin.reason + "\n")))
    }
}
