import ChatCore
import ChatProtocol
import HTTPTypes
import Hummingbird
import NIOCore

/// `/auth/*`: accounts and their tokens (docs/openapi.yaml).
struct AuthRoutes: Sendable {
    let service: AuthService
    let door: FrontDoor
    /// Bytes of a request's body.
    private static let bodyLimit = 16 * 1024

    func add(to router: Router<ChatRequestContext>) {
        let group = router.group("auth")
        group.post("register") { request, context in
            await self.answer(request, .created) { body in
                Self.json(
                    try await self.service.register(
                        name: try body.text("name"), password: try body.text("password"),
                        address: await self.address(request, context)))
            }
        }
        group.post("login") { request, context in
            await self.answer(request) { body in
                Self.json(
                    try await self.service.login(
                        name: try body.text("name"), password: try body.text("password"),
                        address: await self.address(request, context)))
            }
        }
        group.post("password") { request, context in
            await self.answer(request) { body in
                Self.json(
                    try await self.service.changePassword(
                        BearerToken.of(request), from: try body.text("password"), to: try body.text("newPassword"),
                        address: await self.address(request, context)))
            }
        }
        group.post("refresh") { request, _ in
            await self.answer(request) { body in
                Self.json(try await self.service.refresh(try body.text("refreshToken")))
            }
        }
        group.post("logout") { request, _ in
            await self.answer(request, .noContent, hasBody: false) { _ in
                try await self.service.logout(BearerToken.of(request))
                return nil
            }
        }
        for path: RouterPath in ["register", "login", "password", "refresh", "logout"] {
            group.refuseMethods(otherThan: .post, at: path)
        }
    }

    /// Reads the body, does it, and puts what came of it into an answer that nobody keeps.
    @concurrent private func answer(
        _ request: Request,
        _ status: HTTPResponse.Status = .ok,
        hasBody: Bool = true,
        _ body: (AuthBody) async throws -> ByteBuffer?
    ) async -> Response {
        do {
            let read = hasBody ? try await Self.body(of: request) : AuthBody(.object([]))
            let json = try await body(read)
            return Self.response(status, json)
        } catch let error as AuthError {
            return Self.refusal(error)
        } catch {
            return Self.refusal(.badRequest("the request cannot be read"))
        }
    }

    private static func body(of request: Request) async throws -> AuthBody {
        // A page of another site can send a form without asking, but no JSON.
        guard let type = request.headers[.contentType], type.lowercased().hasPrefix("application/json") else {
            throw AuthError.badRequest("send JSON, as application/json")
        }
        let bytes: ByteBuffer
        do {
            bytes = try await request.body.collect(upTo: Self.bodyLimit)
        } catch {
            throw AuthError.badRequest("the body may have \(Self.bodyLimit) bytes at most")
        }
        guard let json = try? JSONValue.parse(bytes), json.object != nil else {
            throw AuthError.badRequest("the body must be a JSON object")
        }
        return AuthBody(json)
    }

    private static func json(_ grant: AuthService.Grant) -> ByteBuffer {
        var json = JSONWriter()
        json.beginObject()
        json.name("user")
        json.beginObject()
        json.field("id", grant.account.user.string)
        json.field("name", grant.account.name.string)
        json.endObject()
        json.field("token", grant.session.text)
        json.field("expiresAt", grant.session.expiresAt)
        json.field("refreshToken", grant.refresh.text)
        json.field("refreshExpiresAt", grant.refresh.expiresAt)
        json.endObject()
        return json.buffer
    }

    private static func refusal(_ error: AuthError) -> Response {
        var retryAfter: Int64?
        let (status, code, message): (HTTPResponse.Status, String, String)
        switch error {
        case .badRequest(let text): (status, code, message) = (.badRequest, "bad_request", text)
        case .unauthorized(let text): (status, code, message) = (.unauthorized, "unauthorized", text)
        case .nameTaken: (status, code, message) = (.conflict, "name_taken", "somebody else is called that")
        case .tooMany(let wait):
            retryAfter = wait
            (status, code, message) = (.tooManyRequests, "rate_limited", "too many attempts: wait a little")
        case .unavailable(let text):
            retryAfter = 1_000
            (status, code, message) = (.serviceUnavailable, "unavailable", text)
        }
        var json = JSONWriter()
        json.beginObject()
        json.field("code", code)
        json.field("message", message)
        if let retryAfter { json.field("retryAfter", retryAfter) }
        json.endObject()
        var response = Self.response(status, json.buffer)
        if let retryAfter { response.headers[.retryAfter] = String((retryAfter + 999) / 1_000) }
        if status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }

    private static func response(_ status: HTTPResponse.Status, _ json: ByteBuffer?) -> Response {
        var headers: HTTPFields = [.cacheControl: "no-store"]
        guard let json else { return Response(status: status, headers: headers) }
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: .init(byteBuffer: json))
    }
}

/// The fields of a request's body.
struct AuthBody: Sendable {
    private let json: JSONValue

    init(_ json: JSONValue) {
        self.json = json
    }

    func text(_ name: String) throws -> String {
        guard let text = self.json[name]?.string else { throw AuthError.badRequest("'\(name)' must be a string") }
        return text
    }
}

extension AuthRoutes {
    /// Whose attempts are counted together: the client behind trusted proxies, or its network.
    private func address(_ request: Request, _ context: ChatRequestContext) async -> String {
        let forwardedFor = HTTPField.Name("X-Forwarded-For").map { request.headers[values: $0] } ?? []
        let (channel, door) = (context.channel, self.door)
        let client = channel.eventLoop.submit { () -> ClientAddress? in
            let origin = try channel.pipeline.syncOperations.handler(type: ConnectionOrigin.self)
            return door.client(peer: origin.peer, forwardedFor: forwardedFor)?.customer
        }
        return ((try? await client.get()) ?? nil).map { "\($0)" } ?? "this machine"
    }
}
