import HTTPTypes
import Hummingbird

/// What a browser should not do with our pages: run inline scripts, sniff types, show them in others' frames.
struct SecurityHeaders<Context: RequestContext>: RouterMiddleware {
    let isSecure: Bool

    private static var policy: String {
        """
        default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; media-src 'self' blob:; \
        frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'
        """
    }

    @concurrent func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as any HTTPResponseError {
            response = try error.response(from: request, context: context)
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        // A year; browsers take it from connections without a certificate error only (RFC 6797, section 8.1).
        if self.isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        if let name = HTTPField.Name("Referrer-Policy") { response.headers[name] = "no-referrer" }
        guard !Self.isPartOfPage(response) else { return response }
        // What users have sent brings a stricter one.
        if response.headers[.contentSecurityPolicy] == nil { response.headers[.contentSecurityPolicy] = Self.policy }
        // Pages that we open, or that opened us, get no hold of our window.
        if let name = HTTPField.Name("Cross-Origin-Opener-Policy") { response.headers[name] = "same-origin" }
        return response
    }

    /// Scripts and styles go by the policy of the page that loads them. There are some seventy, and three hundred bytes each
    /// would be a sixth of the first visit.
    private static func isPartOfPage(_ response: Response) -> Bool {
        guard response.status == .ok, let type = response.headers[.contentType] else { return false }
        return type.hasPrefix("text/javascript") || type.hasPrefix("text/css")
    }
}
