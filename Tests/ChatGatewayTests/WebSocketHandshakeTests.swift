import NIOHTTP1
import Testing

@testable import ChatGateway

@Suite struct WebSocketHandshakeTests {
    /// The example of RFC 6455, section 1.3.
    @Test func answersTheKeyOfTheRFC() throws {
        let headers: HTTPHeaders = ["Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="]
        #expect(try WebSocketHandshake.acceptValue(headers) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(arguments: [
        ("websocket", "Upgrade", true), ("WebSocket", "keep-alive, Upgrade", true), ("websocket", "keep-alive", false),
        ("websocket, h2c", "Upgrade", false), ("h2c", "Upgrade", false),
    ])
    func knowsAnUpgrade(upgrade: String, connection: String, isOne: Bool) {
        #expect(WebSocketHandshake.isUpgrade(["Upgrade": upgrade, "Connection": connection]) == isOne)
    }

    @Test(arguments: [("8", "dGhlIHNhbXBsZSBub25jZQ=="), ("13", "c2hvcnQ="), ("13", "not base64")])
    func refusesOtherVersionsAndKeys(version: String, key: String) {
        let headers: HTTPHeaders = ["Sec-WebSocket-Version": version, "Sec-WebSocket-Key": key]
        #expect(throws: WebSocketHandshake.Refused.self) { try WebSocketHandshake.acceptValue(headers) }
    }
}
