import NIOCore
import Testing

@testable import ChatGateway

@Suite struct ClientAddressTests {
    @Test func formsOfOneAddressAreTheSame() throws {
        #expect(ClientAddress("192.0.2.1") == ClientAddress("::ffff:192.0.2.1"))
        #expect(ClientAddress("192.0.2.1") == ClientAddress(try SocketAddress(ipAddress: "192.0.2.1", port: 9)))
        #expect(ClientAddress("[2001:db8::1]") == ClientAddress(try SocketAddress(ipAddress: "2001:db8:0::1", port: 9)))
        #expect(ClientAddress("192.0.2.1")?.description == "192.0.2.1")
        #expect(ClientAddress("2001:db8::1")?.description == "2001:db8:0:0:0:0:0:1")
        #expect(ClientAddress(try SocketAddress(unixDomainSocketPath: "/x")) == nil)
    }

    @Test(arguments: ["", "x", "1.2.3", "1.2.3.4.5", "1.2.3.4:5", "1.2.3.256", "fe80::1%eth0", "localhost", "[1"])
    func otherTextsAreNone(_ text: String) {
        #expect(ClientAddress(text) == nil)
    }

    @Test func rangesHoldWhatBeginsAlike() throws {
        func contains(_ range: String, _ address: String) throws -> Bool {
            try #require(AddressRange(range)).contains(try #require(ClientAddress(address)))
        }
        #expect(try contains("10.0.0.0/8", "10.255.1.2"))
        #expect(try !contains("10.0.0.0/8", "11.0.0.0"))
        #expect(try contains("10.1.2.3/8", "10.9.9.9"))
        #expect(try contains("192.0.2.1", "192.0.2.1"))
        #expect(try !contains("192.0.2.1", "192.0.2.2"))
        #expect(try contains("192.0.2.128/25", "192.0.2.200") && !contains("192.0.2.128/25", "192.0.2.100"))
        #expect(try contains("0.0.0.0/0", "8.8.8.8") && !contains("0.0.0.0/0", "2001:db8::1"))
        #expect(try contains("::/0", "2001:db8::1"))
        #expect(try contains("2001:db8:1::/33", "2001:db8:7fff::1") && !contains("2001:db8:1::/33", "2001:db8:8000::"))
        #expect(try contains("fe80::/65", "fe80::7fff:0:0:1") && !contains("fe80::/65", "fe80::8000:0:0:1"))
        #expect(AddressRange.loopback.count == 2 && AddressRange.privateNetworks.count == 8)
        for text in ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+1", "10.0.0.0/", "::/129", "x/8"] {
            #expect(AddressRange(text) == nil, "\(text)")
        }
    }

    @Test func anIPv6CustomerHasManyAddresses() throws {
        #expect(ClientAddress("2001:db8:1:2:3::4")?.customer == ClientAddress("2001:db8:1:2:9::")?.customer)
        #expect(ClientAddress("2001:db8:1:2::")?.customer != ClientAddress("2001:db8:1:3::")?.customer)
        #expect(ClientAddress("192.0.2.1")?.customer != ClientAddress("192.0.2.2")?.customer)
    }
}
