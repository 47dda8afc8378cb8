import MessageDeflate
import NIOCore

@testable import ChatGateway
@testable import ChatProtocol

extension FuzzTarget {
    /// What a proxy, or somebody who claims to be one, puts in front of a connection; then byte by byte.
    @Sendable static func proxyHeader(_ bytes: UnsafeRawBufferPointer) -> String? {
        var whole = ByteBuffer(bytes: bytes)
        let found = ProxyHeader.read(&whole)
        if case .address = found {
            guard whole.readerIndex > 0 else { return "a header of no bytes" }
        } else if whole.readerIndex != 0 {
            return "what is not there was taken off"
        }
        var growing = ByteBuffer()
        for byte in bytes {
            growing.writeInteger(byte)
            let early = ProxyHeader.read(&growing)
            guard early == .incomplete else {
                return early == found && growing.readerIndex == whole.readerIndex ? nil : "byte by byte: \(early)"
            }
        }
        return found == .incomplete ? nil : "never complete byte by byte: \(found)"
    }

    /// What stands in the headers and the paths of requests.
    @Sendable static func httpText(_ bytes: UnsafeRawBufferPointer) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        if case .part(let range) = ByteRange(text, size: 1_000) {
            guard !range.isEmpty, range.lowerBound >= 0, range.upperBound <= 1_000 else { return "a range: \(range)" }
        }
        let door = FrontDoor(FrontDoorConfiguration(trustedProxies: AddressRange.privateNetworks))
        _ = door.client(peer: ClientAddress("10.0.0.1"), forwardedFor: [text])
        if let address = ClientAddress(text), ClientAddress(address.description) != address {
            return "an address that is not what it says: \(address)"
        }
        _ = AddressRange(text)
        _ = OriginPolicy(text.split(separator: ",").map(String.init))
        if OriginPolicy.sameOrigin.allows([text], host: "chat.example.org"),
            ![
                "http://chat.example.org", "http://chat.example.org:80", "https://chat.example.org",
                "https://chat.example.org:443",
            ].contains(text.lowercased())
        {
            return "a stranger's origin"
        }
        _ = DeflateAgreement(offers: [text])
        if let id = AttachmentID(text), AttachmentID(id.description) != id { return "another attachment" }
        if let room = RoomName(text), RoomName(room.string) != room { return "another room" }
        return nil
    }
}
