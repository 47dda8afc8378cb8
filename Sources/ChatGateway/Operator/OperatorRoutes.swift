import ChatCore
import ChatProtocol
import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /api/v1/…`: what operators see of the cluster (docs/openapi.yaml). Read from Redis by whichever node is asked.
struct OperatorRoutes: Sendable {
    let gate: OperatorGate
    let overview: any ClusterOverview

    func add(to router: Router<some RequestContext>) {
        let group = router.group("api/v1")
        group.get("nodes") { request, _ in await self.answer(request) { _ in try await self.overview.nodes() } }
        group.get("stats") { request, _ in await self.answer(request) { _ in try await self.overview.statistics() } }
        group.get("rooms") { request, _ in
            await self.answer(request) { query in
                try await self.overview.rooms(after: query.text("after"), limit: try query.limit())
            }
        }
        group.get("presence") { request, _ in
            await self.answer(request) { query in try await self.overview.presence(try query.presence()) }
        }
        for path: RouterPath in ["nodes", "stats", "rooms", "presence"] {
            group.refuseMethods(otherThan: .get, at: path)
        }
    }

    @concurrent private func answer(
        _ request: Request, _ body: (OperatorQuery) async throws -> ByteBuffer
    ) async -> Response {
        do {
            _ = try await self.gate.admit(BearerToken.of(request), now: NIODeadline.now().uptimeNanoseconds)
            let json = try await body(OperatorQuery(request.uri.queryParameters))
            return Self.response(.ok, json)
        } catch let refusal as OperatorRefusal {
            return Self.refusal(refusal)
        } catch let error as OperatorQuery.Malformed {
            return Self.refusal(.badRequest, "bad_request", error.reason)
        } catch {
            return Self.refusal(.unavailable)
        }
    }

    private static func refusal(_ refusal: OperatorRefusal) -> Response {
        switch refusal {
        case .unauthorized:
            var response = Self.refusal(
                .unauthorized, "unauthorized", "send an operator's token: Authorization: Bearer")
            response.headers[.wwwAuthenticate] = "Bearer"
            return response
        case .forbidden:
            return Self.refusal(.forbidden, "forbidden", "only operators may see this")
        case .tooMany(let wait):
            return Self.refusal(.tooManyRequests, "rate_limited", "too many requests: wait a little", retryAfter: wait)
        case .unavailable:
            return Self.refusal(.serviceUnavailable, "unavailable", "Redis cannot be reached", retryAfter: 1_000)
        }
    }

    private static func refusal(
        _ status: HTTPResponse.Status, _ code: String, _ message: String, retryAfter: Int64? = nil
    ) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.field("code", code)
        json.field("message", message)
        if let retryAfter { json.field("retryAfter", retryAfter) }
        json.endObject()
        var response = Self.response(status, json.buffer)
        if let retryAfter { response.headers[.retryAfter] = String((retryAfter + 999) / 1_000) }
        return response
    }

    private static func response(_ status: HTTPResponse.Status, _ json: ByteBuffer) -> Response {
        Response(
            status: status,
            headers: [.cacheControl: "no-store", .contentType: "application/json"],
            body: .init(byteBuffer: json)
        )
    }
}

/// The token of a request's `Authorization` (RFC 6750, section 2.1).
enum BearerToken {
    static func of(_ request: Request) -> String? {
        guard let value = request.headers[.authorization], value.lowercased().hasPrefix("bearer ") else { return nil }
        return String(value.dropFirst("bearer ".count))
    }
}
