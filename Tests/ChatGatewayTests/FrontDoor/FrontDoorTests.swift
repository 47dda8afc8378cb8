import NIOCore
import NIOEmbedded
import Testing

@testable import ChatGateway

@Suite struct FrontDoorTests {
    private let door = FrontDoor(
        FrontDoorConfiguration(
            trustedProxies: ["127.0.0.1", "10.0.0.0/8"].compactMap { AddressRange($0) }, connectionsPerAddress: 2))

    private func client(_ peer: String?, _ forwardedFor: String...) -> String? {
        door.client(peer: peer.flatMap { ClientAddress($0) }, forwardedFor: forwardedFor)?.description
    }

    @Test func onlyTrustedProxiesAreBelieved() {
        #expect(client("192.0.2.1") == "192.0.2.1")
        #expect(client("192.0.2.1", "198.51.100.7") == "192.0.2.1")
        #expect(client("127.0.0.1", "198.51.100.7") == "198.51.100.7")
        // What the client wrote itself comes first and is not looked at.
        #expect(client("127.0.0.1", "10.1.1.1, 8.8.8.8, 198.51.100.7") == "198.51.100.7")
        #expect(client("127.0.0.1", "8.8.8.8", "198.51.100.7,10.3.4.5 , 10.0.0.1") == "198.51.100.7")
        #expect(client("127.0.0.1", "2001:db8::1")?.hasPrefix("2001:db8:") == true)
        #expect(client("127.0.0.1") == nil)
        #expect(client("127.0.0.1", "10.0.0.1") == nil)
        #expect(client("127.0.0.1", "nonsense") == nil)
        #expect(client("127.0.0.1", "8.8.8.8, nonsense") == nil)
        #expect(client(nil, "8.8.8.8") == nil)
    }

    @Test func anAddressHasSoManyConnections() throws {
        let address = ClientAddress("192.0.2.1")
        let channels = (0..<4).map { _ in EmbeddedChannel() }
        #expect(door.admit(address, channel: channels[0]) && door.admit(address, channel: channels[1]))
        #expect(!door.admit(address, channel: channels[2]))
        #expect(door.admit(ClientAddress("192.0.2.2"), channel: channels[2]))
        _ = try channels[0].finish(acceptAlreadyClosed: true)
        #expect(door.admit(address, channel: channels[3]))
        for channel in channels { _ = try? channel.finish(acceptAlreadyClosed: true) }
    }

    @Test func aProxysClientsAreCountedAndNotTheProxy() {
        let (proxy, forwardedFor) = (ClientAddress("10.0.0.1"), ["192.0.2.9"])
        let channels = (0..<6).map { _ in EmbeddedChannel() }
        for channel in channels { #expect(door.admit(proxy, channel: channel)) }
        #expect(door.hasRoom(peer: proxy, forwardedFor: forwardedFor))
        #expect(door.admitForwarded(peer: proxy, forwardedFor: forwardedFor, channel: channels[0]))
        #expect(door.admitForwarded(peer: proxy, forwardedFor: forwardedFor, channel: channels[1]))
        #expect(!door.hasRoom(peer: proxy, forwardedFor: forwardedFor))
        #expect(!door.admitForwarded(peer: proxy, forwardedFor: forwardedFor, channel: channels[2]))
        #expect(door.admitForwarded(peer: proxy, forwardedFor: [], channel: channels[2]))
        #expect(door.admitForwarded(peer: ClientAddress("192.0.2.9"), forwardedFor: [], channel: channels[2]))
        for channel in channels { _ = try? channel.finish(acceptAlreadyClosed: true) }
    }
}

@Suite struct OriginPolicyTests {
    @Test func onlyWhatIsNamedIsListed() throws {
        let policy = try #require(OriginPolicy(["https://shop.example", "null"]))
        #expect(policy.lists(["https://Shop.example"]) && policy.lists(["null"]))
        #expect(!policy.lists(["https://chat.example.org"]) && !policy.lists([]))
        #expect(!policy.lists(["https://shop.example", "https://shop.example"]))
        #expect(!OriginPolicy.sameOrigin.lists(["null"]))
        #expect(try #require(OriginPolicy(["*"])).lists(["https://anybody.example"]))
    }

    private func allows(_ policy: [String], _ origins: String..., host: String? = "chat.example.org") throws -> Bool {
        try #require(OriginPolicy(policy)).allows(origins, host: host)
    }

    @Test func byDefaultOnlyTheNodesOwnPages() throws {
        #expect(try allows([]))
        #expect(try allows([], "https://chat.example.org"))
        #expect(try allows([], "HTTP://Chat.Example.org"))
        #expect(try allows([], "http://localhost:8080", host: "localhost:8080"))
        #expect(try allows([], "https://chat.example.org:443"))
        #expect(try allows([], "https://chat.example.org", host: "chat.example.org:443"))
        #expect(try allows([], "http://[::1]", host: "[::1]:80"))
        #expect(try !allows([], "http://[::1]:8080", host: "[::1]"))
        #expect(try !allows([], "https://chat.example.org:8443"))
        #expect(try !allows([], "https://evil.example"))
        #expect(try !allows([], "https://chat.example.org.evil.example"))
        #expect(try !allows([], "https://chat.example.org@evil.example"))
        #expect(try !allows([], "null"))
        #expect(try !allows([], ""))
        #expect(try !allows([], "file://"))
        #expect(try !allows([], "https://chat.example.org", host: nil))
        #expect(try !allows([], "https://chat.example.org", "https://evil.example"))
    }

    @Test func thePlainDialectIsForFilesToo() throws {
        for origin in ["null", "file://"] {
            #expect(OriginPolicy.sameOrigin.allows([origin], host: "h", isPlain: true))
            #expect(!OriginPolicy.sameOrigin.allows([origin], host: "h"))
            #expect(OriginPolicy(["self"])?.allows([origin], host: "h", isPlain: true) == false)
        }
        #expect(!OriginPolicy.sameOrigin.allows(["http://evil.example"], host: "h", isPlain: true))
        #expect(OriginPolicy(["self"])?.allows(["http://h"], host: "h") == true)
    }

    @Test func othersAsConfigured() throws {
        #expect(try allows(["https://shop.example"], "https://shop.example"))
        #expect(try allows(["https://Shop.example"], "https://shop.example"))
        #expect(try allows(["https://shop.example"], "https://chat.example.org"))
        #expect(try !allows(["https://shop.example"], "http://shop.example"))
        #expect(try !allows(["https://shop.example"], "https://www.shop.example"))
        #expect(try allows(["null"], "null"))
        #expect(try allows(["*"], "null") && allows(["*"], "https://evil.example"))
        for text in ["shop.example", "ftp://shop.example", "https://", "https://a/", "https://a/b", ""] {
            #expect(OriginPolicy([text]) == nil, "\(text)")
        }
    }
}
