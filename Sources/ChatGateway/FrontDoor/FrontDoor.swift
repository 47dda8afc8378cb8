import NIOCore

/// Who may come in: whose word on a client's address counts, how many connections an address may have, and which pages'
/// scripts may open sessions.
struct FrontDoor: Sendable {
    let configuration: FrontDoorConfiguration
    private let counter = ConnectionCounter()

    init(_ configuration: FrontDoorConfiguration) {
        self.configuration = configuration
    }

    func isTrusted(_ address: ClientAddress) -> Bool {
        self.configuration.trustedProxies.contains { $0.contains(address) }
    }

    /// The client behind a connection.
    ///
    /// Each proxy adds whom it saw at the end of `X-Forwarded-For`, so it is read from there, as far as those who wrote
    /// it are trusted: the first address that is not a trusted proxy's is the client's. What is before it, anybody may
    /// have written.
    ///
    /// - Returns: `nil` when nobody but trusted proxies is known, or this is a unix socket.
    func client(peer: ClientAddress?, forwardedFor: [String]) -> ClientAddress? {
        guard let peer, self.isTrusted(peer) else { return peer }
        for text in forwardedFor.flatMap({ $0.split(separator: ",") }).reversed() {
            guard let address = ClientAddress(text.filter { $0 != " " && $0 != "\t" }) else { return nil }
            if !self.isTrusted(address) { return address }
        }
        return nil
    }

    /// Counts a connection until it closes. Nobody but trusted proxies known: it is not counted.
    ///
    /// - Returns: false when the address has too many.
    func admit(_ address: ClientAddress?, channel: any Channel) -> Bool {
        let limit = self.configuration.connectionsPerAddress
        guard limit > 0, let customer = address?.customer, address.map(self.isTrusted) == false else { return true }
        guard self.counter.acquire(customer, limit: limit) else { return false }
        let counter = self.counter
        channel.closeFuture.whenComplete { _ in counter.release(customer) }
        return true
    }

    /// Whether there is room for one more connection of a client that came by a proxy.
    func hasRoom(peer: ClientAddress?, forwardedFor: [String]) -> Bool {
        let limit = self.configuration.connectionsPerAddress
        guard limit > 0, let peer, self.isTrusted(peer),
            let client = self.client(peer: peer, forwardedFor: forwardedFor)
        else { return true }
        return self.counter.count(client.customer) < limit
    }

    /// Counts a session's connection that came by a proxy for the client behind it, until it closes. One that came
    /// directly was counted when it came.
    ///
    /// - Returns: false when the client has too many.
    func admitForwarded(peer: ClientAddress?, forwardedFor: [String], channel: any Channel) -> Bool {
        guard let peer, self.isTrusted(peer) else { return true }
        return self.admit(self.client(peer: peer, forwardedFor: forwardedFor), channel: channel)
    }
}
