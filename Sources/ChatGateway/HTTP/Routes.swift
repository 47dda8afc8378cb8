import ChatCore
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The node's HTTP routes and the web page.
struct Routes: Sendable {
    let monitor: NodeMonitor
    let gate: ConnectionGate
    let stream: StreamRoutes
    let webRoot: String?
    /// The connections are TLS.
    let isSecure: Bool
    let attachments: SessionAttachments?
    let auth: AuthService?
    let logger: Logger

    func router() -> Router<ChatRequestContext> {
        let router = Router(context: ChatRequestContext.self)
        router.add(middleware: RefusedUpgrades(gate: self.gate))
        router.add(middleware: SecurityHeaders(isSecure: self.isSecure))
        if let webRoot = self.webRoot {
            router.add(middleware: WebFileResponses(files: WebFiles(folder: webRoot)))
            router.add(
                middleware: FileMiddleware(
                    webRoot,
                    cacheControl: Self.revalidated,
                    searchForIndexHtml: true,
                    logger: self.logger
                )
            )
        }
        self.stream.add(to: router)
        if let attachments = self.attachments { AttachmentRoutes(attachments: attachments).add(to: router) }
        if let auth = self.auth { AuthRoutes(service: auth).add(to: router) }
        router.get("healthz") { _, _ in "ok\n" }
        router.get("readyz") { _, _ in await self.readiness() }
        router.get("metrics") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: await self.monitor.metrics()))
            )
        }
        return router
    }

    /// Browsers ask each time whether what they have is still current: an upgraded node never meets an old page.
    private static let revalidated = CacheControl(
        [.textHtml, .textCss, .textJavascript, .imageSvg].map { ($0, [.noCache]) }
    )

    private func readiness() async -> Response {
        let reason = await self.monitor.whyNotReady()
        return Response(
            status: reason == nil ? .ok : .serviceUnavailable,
            headers: [.contentType: "text/plain; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: (reason ?? "ready") + "\n"))
        )
    }
}

/// A WebSocket handshake that was not accepted comes here as a plain request, and is told what is wrong with it.
struct RefusedUpgrades<Context: RequestContext>: RouterMiddleware {
    let gate: ConnectionGate

    @concurrent func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let version = request.headers[.secWebSocketVersion]
        let isHandshake = request.headers[.connection]?.lowercased().contains("upgrade") ?? false
        guard request.uri.path == "/ws" || isHandshake && (version ?? request.headers[.secWebSocketKey]) != nil else {
            return try await next(request, context)
        }
        // A proxy in front takes this for what it is: it asks another node.
        guard self.gate.isOpen else {
            return Self.answer(.serviceUnavailable, [:], "this node drains: connect to another one\n")
        }
        guard version == "13" else {
            let headers: HTTPFields = [.upgrade: "websocket", .secWebSocketVersion: "13"]
            return Self.answer(.upgradeRequired, headers, "this is a WebSocket endpoint, version 13\n")
        }
        let text = """
            the handshake was refused: the path is /ws or /, the subprotocol martlet.v1 or none, and the key 16 bytes \
            in base64\n
            """
        return Self.answer(.badRequest, [:], text)
    }

    private static func answer(_ status: HTTPResponse.Status, _ headers: HTTPFields, _ text: String) -> Response {
        var headers = headers
        headers[.contentType] = "text/plain; charset=utf-8"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}

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
        var response = try await next(request, context)
        // What users have sent brings a stricter one.
        if response.headers[.contentSecurityPolicy] == nil { response.headers[.contentSecurityPolicy] = Self.policy }
        response.headers[.xContentTypeOptions] = "nosniff"
        // A year; browsers take it from connections without a certificate error only (RFC 6797, section 8.1).
        if self.isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        if let name = HTTPField.Name("Referrer-Policy") { response.headers[name] = "no-referrer" }
        return response
    }
}
