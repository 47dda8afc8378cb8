import ChatProtocol
import Crypto
import Foundation
import MessageDeflate
import NIOCore
import NIOHTTP1

/// Answers the opening handshake (RFC 6455, section 4.2) and puts a connection's handlers in place.
///
/// NIO's own upgrader adds an encoder for single frames; ours are encoded once for a whole room, so the pipeline has
/// ``WebSocketHandler`` only.
struct WebSocketUpgrader<UpgradeResult: Sendable>: NIOTypedHTTPServerProtocolUpgrader {
    let supportedProtocol = "websocket"
    let requiredUpgradeHeaders = ["Upgrade"]

    let result: UpgradeResult
    let acceptor: any WebSocketAcceptor
    let origin: NIOLoopBound<ConnectionOrigin>

    func buildUpgradeResponse(
        channel: any Channel,
        upgradeRequest: HTTPRequestHead,
        initialResponseHeaders: HTTPHeaders
    ) -> EventLoopFuture<HTTPHeaders> {
        channel.eventLoop.makeCompletedFuture {
            guard let handshake = self.origin.value.handshake else { throw WebSocketHandshake.Refused() }
            var headers = initialResponseHeaders
            headers.add(contentsOf: handshake)
            return headers
        }
    }

    func upgrade(channel: any Channel, upgradeRequest: HTTPRequestHead) -> EventLoopFuture<UpgradeResult> {
        channel.eventLoop.makeCompletedFuture {
            // Any channel of NIO's has them.
            guard let options = channel.syncOptions else { throw WebSocketHandshake.Refused() }
            try options.setOption(.allowRemoteHalfClosure, value: false)
            try options.setOption(.writeBufferWaterMark, value: .init(low: 16 * 1024, high: 64 * 1024))
            try options.setOption(.tcpOption(.tcp_nodelay), value: 1)
            try self.acceptor.begin(on: channel, request: upgradeRequest, from: self.origin.value)
            return self.result
        }
    }
}

/// Decides which WebSocket handshakes are accepted, and who receives what the connection brings.
protocol WebSocketAcceptor: Sendable {
    /// Throws for a handshake that is none of ours: it is answered as a plain request then. A ``Refusal`` says with
    /// what.
    func accept(_ request: HTTPRequestHead, from origin: ConnectionOrigin, headers: inout HTTPHeaders) throws

    /// The 101 is sent: adds the connection's handlers.
    func begin(on channel: any Channel, request: HTTPRequestHead, from origin: ConnectionOrigin) throws
}

enum WebSocketHandshake {
    struct Refused: Error {}

    /// Whether it is a request to go on as a WebSocket, whatever else is wrong with it.
    static func isUpgrade(_ headers: HTTPHeaders) -> Bool {
        let upgrade = headers["Upgrade"]
        guard upgrade.count == 1, upgrade[0].lowercased() == "websocket" else { return false }
        // Browsers differ: `Upgrade`, or `keep-alive, Upgrade`.
        return headers["Connection"].contains { $0.lowercased() == "upgrade" }
            || headers[canonicalForm: "Connection"].contains { $0.lowercased() == "upgrade" }
    }

    /// Checks version and key; the value proves to the client that we speak WebSocket (RFC 6455, section 4.2.2).
    static func acceptValue(_ headers: HTTPHeaders) throws -> String {
        let keys = headers["Sec-WebSocket-Key"]
        guard headers["Sec-WebSocket-Version"] == ["13"], keys.count == 1, let key = keys.first,
            Data(base64Encoded: key)?.count == 16
        else { throw Refused() }
        let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return Data(digest).base64EncodedString()
    }

    /// What is agreed on about compression; `nil`: none.
    static func deflate(_ headers: HTTPHeaders) -> DeflateAgreement? {
        DeflateAgreement(offers: headers["Sec-WebSocket-Extensions"])
    }

    /// The subprotocols a client offers.
    static func subprotocols(_ headers: HTTPHeaders) -> [String] {
        headers[canonicalForm: "Sec-WebSocket-Protocol"].map(String.init)
    }

    /// Adds the handler to a channel that has just been upgraded.
    ///
    /// - Parameters:
    ///   - binaryLimit: of binary messages, if it is more than `messageLimit`.
    ///   - payloads: the event loop's.
    ///   - inflater: `nil`: compression was not agreed on.
    ///   - partRate: of frames that are no whole message; `nil`: any number.
    static func addHandlers(
        to channel: any Channel,
        outbound: OutboundQueue,
        receiver: any WebSocketReceiver,
        messageLimit: Int,
        binaryLimit: Int = 0,
        payloads: PayloadMemory = PayloadMemory(),
        inflater: MessageInflater? = nil,
        partRate: WebSocketHandler.PartRate? = nil
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(
            WebSocketHandler(
                outbound: outbound,
                receiver: receiver,
                reader: WebSocketFrameReader(payloadLimit: max(messageLimit, binaryLimit), memory: payloads),
                assembler: MessageAssembler(messageLimit: messageLimit, binaryLimit: binaryLimit, inflater: inflater),
                partRate: partRate
            )
        )
    }
}
