import HTTPTypes
import Hummingbird
import NIOCore

/// A WebSocket handshake that was not accepted comes here as a plain request, and is told what is wrong with it.
struct RefusedUpgrades: RouterMiddleware {
    typealias Context = ChatRequestContext

    let gate: ConnectionGate

    @concurrent func handle(
        _ request: Request,
        context: ChatRequestContext,
        next: @concurrent (Request, ChatRequestContext) async throws -> Response
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
        if let refusal = await context.takeRefusal() {
            return Self.answer(.init(code: Int(refusal.status)), [:], refusal.reason + "\n")
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
