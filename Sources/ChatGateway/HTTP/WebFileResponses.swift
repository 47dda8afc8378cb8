import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Answers requests for the page's files from memory, compressed for who can read that.
struct WebFileResponses<Context: RequestContext>: RouterMiddleware {
    let files: WebFiles

    @concurrent func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get || request.method == .head, request.headers[.range] == nil,
            let match = self.files.file(at: request.uri.path)
        else { return try await next(request, context) }
        var headers: HTTPFields = [
            .contentType: match.file.type,
            .eTag: match.file.tag,
            .vary: "Accept-Encoding",
            // Anything else is asked for each time: an upgraded node never meets an old page.
            .cacheControl: match.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
        ]
        if request.headers[values: .ifNoneMatch].contains(where: { $0.contains(match.file.tag) }) {
            return Response(status: .notModified, headers: headers)
        }
        var bytes = match.file.bytes
        if let gzip = match.file.gzip, Self.acceptsGzip(request) {
            bytes = gzip
            headers[.contentEncoding] = "gzip"
        }
        headers[.contentLength] = String(bytes.readableBytes)
        let body: ResponseBody = request.method == .head ? .init() : .init(byteBuffer: bytes)
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Whether `gzip` is listed without a weight of zero.
    private static func acceptsGzip(_ request: Request) -> Bool {
        request.headers[values: .acceptEncoding].joined(separator: ",").split(separator: ",").contains { coding in
            let parts = coding.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
            guard parts.first == "gzip" else { return false }
            return !parts.dropFirst().contains { $0.hasPrefix("q=0") && Double($0.dropFirst(2)) == 0 }
        }
    }
}
