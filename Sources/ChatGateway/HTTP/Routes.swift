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
    let operators: OperatorAPI?
    let door: FrontDoor
    let logger: Logger

    func router() -> Router<ChatRequestContext> {
        let router = Router(context: ChatRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: SecurityHeaders(isSecure: self.isSecure))
        router.add(middleware: CrossOrigin(policy: self.door.configuration.origins))
        router.add(middleware: RefusedUpgrades(gate: self.gate))
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
        if let auth = self.auth { AuthRoutes(service: auth, door: self.door).add(to: router) }
        if let operators = self.operators {
            OperatorRoutes(gate: operators.gate, overview: operators.overview).add(to: router)
        }
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
