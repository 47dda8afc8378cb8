import NIOCore
import NIOHTTP1

/// Where a connection comes from, and why its WebSocket handshake was refused. Confined to the connection's loop.
///
/// In the pipeline of plain HTTP it is a handler that does nothing, for routes to find.
final class ConnectionOrigin: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    /// The other end, or whom a PROXY header names; `nil` for a unix socket.
    var peer: ClientAddress?
    /// For ``RefusedUpgrades`` to tell.
    var refusal: Refusal?
    /// What ``UpgradeFilter`` has found to answer a WebSocket handshake with; `nil`: there is none to accept.
    var handshake: HTTPHeaders?
    private let door: FrontDoor

    init(_ channel: any Channel, door: FrontDoor) {
        self.peer = ClientAddress(channel.remoteAddress)
        self.door = door
    }

    /// Counts the connection for its address. A trusted proxy is not counted: its clients are, when they are known.
    ///
    /// - Returns: false when the address has too many.
    func admitPeer(_ channel: any Channel) -> Bool {
        self.door.admit(self.peer, channel: channel)
    }
}

/// Why a session is not begun: the status and the text of the answer.
struct Refusal: Error, Equatable {
    var status: UInt16
    var reason: String

    static let draining = Refusal(status: 503, reason: "this node drains: connect to another one")
    static let origin = Refusal(
        status: 403, reason: "scripts of that origin may not connect here: the operator can allow it (MARTLET_ORIGINS)"
    )
    static let tooMany = Refusal(status: 429, reason: "too many connections from your address")
}
