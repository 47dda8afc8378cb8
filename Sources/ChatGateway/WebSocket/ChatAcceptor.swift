import ChatCore
import ChatProtocol
import Foundation
import MessageDeflate
import NIOCore
import NIOHTTP1

/// The chat's two WebSocket endpoints: `/ws` speaks protocol version 1, `/` the plain dialect.
struct ChatAcceptor: WebSocketAcceptor {
    static let subprotocol = "martlet.v1"

    let loops: SessionLoops
    let memories: LoopMemories
    let configuration: GatewayConfiguration
    let gate: ConnectionGate
    let door: FrontDoor

    func accept(_ request: HTTPRequestHead, from origin: ConnectionOrigin, headers: inout HTTPHeaders) throws {
        guard request.method == .GET, let path = Self.path(request.uri), path == "/ws" || path == "/" else {
            throw WebSocketHandshake.Refused()
        }
        try self.checkDoor(request.headers, origin, isPlain: path == "/")
        let offered = WebSocketHandshake.subprotocols(request.headers)
        if offered.contains(Self.subprotocol) {
            headers.replaceOrAdd(name: "Sec-WebSocket-Protocol", value: Self.subprotocol)
        } else if !offered.isEmpty {
            throw WebSocketHandshake.Refused()
        }
        if let agreement = self.deflate(request) {
            headers.replaceOrAdd(name: "Sec-WebSocket-Extensions", value: agreement.header)
        }
    }

    /// The plain dialect's lines are too short to be compressed.
    private func deflate(_ request: HTTPRequestHead) -> DeflateAgreement? {
        guard self.configuration.compresses, Self.path(request.uri) == "/ws" else { return nil }
        return WebSocketHandshake.deflate(request.headers)
    }

    private func checkDoor(
        _ headers: HTTPHeaders, _ origin: ConnectionOrigin, isPlain: Bool
    ) throws(Refusal) {
        guard self.gate.isOpen else { throw .draining }
        let (origins, host) = (headers["Origin"], headers.first(name: "Host"))
        guard self.door.configuration.origins.allows(origins, host: host, isPlain: isPlain) else { throw .origin }
        guard self.door.hasRoom(peer: origin.peer, forwardedFor: headers["X-Forwarded-For"]) else { throw .tooMany }
    }

    func begin(on channel: any Channel, request: HTTPRequestHead, from origin: ConnectionOrigin) throws {
        let forwardedFor = request.headers["X-Forwarded-For"]
        guard self.door.admitForwarded(peer: origin.peer, forwardedFor: forwardedFor, channel: channel) else {
            throw Refusal.tooMany
        }
        guard let loop = self.loops[channel.eventLoop] else { throw WebSocketHandshake.Refused() }
        let sockets = loop.broadcaster as? SocketTable ?? SocketTable()
        loop.broadcaster = sockets
        let outbound = OutboundQueue(
            channel: channel, flushList: loop.flushList, configuration: self.configuration.outbound, sockets: sockets
        )
        let memory = self.memories[channel.eventLoop]
        let agreement = self.deflate(request)
        let dialect = Self.dialect(request, agreement)
        let session = loop.begin(dialect, output: outbound)
        outbound.onOverflow = { [weak session] in session?.end() }
        do {
            try WebSocketHandshake.addHandlers(
                to: channel,
                outbound: outbound,
                receiver: session,
                messageLimit: self.configuration.messageLimit,
                binaryLimit: Self.path(request.uri) == "/ws" ? self.configuration.binaryLimit : 0,
                payloads: memory.payloads,
                inflater: agreement == nil ? nil : memory.inflater,
                partRate: WebSocketHandler.PartRate()
            )
        } catch {
            // The connection is gone already, and nobody else will say so.
            outbound.ended()
            session.end()
            outbound.leaveTable()
            throw error
        }
    }

    private static func dialect(_ request: HTTPRequestHead, _ agreement: DeflateAgreement?) -> any SessionDialect {
        guard Self.path(request.uri) == "/ws" else { return PlainDialect() }
        guard let agreement else { return FrameDialect() }
        return FrameDialect(encoding: .deflated(windowBits: agreement.windowBits))
    }

    private static func path(_ uri: String) -> String? {
        uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init)
    }
}
