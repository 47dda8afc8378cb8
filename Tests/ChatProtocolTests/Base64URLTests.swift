import TestSupport
import Testing

@testable import ChatProtocol

@Suite struct Base64URLTests {
    /// RFC 4648, section 10, without padding, and the two digits that differ from plain Base64.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"), ("??>>~~", "Pz8-Pn5-"), ("???", "Pz8_"),
    ])
    func knownTexts(_ plain: String, _ encoded: String) {
        #expect(Base64URL.encode(plain.utf8) == encoded)
        #expect(Base64URL.decode(encoded[...]) == Array(plain.utf8))
    }

    @Test func whatIsEncodedIsDecoded() {
        var random = SeededGenerator(seed: 11)
        for length in 0..<100 {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)[...]) == bytes)
        }
    }

    @Test(arguments: ["=", "Zg==", "Z g", "Z+", "Z/", "Zé", "\u{0}"])
    func otherCharactersAreRefused(_ text: String) {
        #expect(Base64URL.decode(text[...]) == nil)
    }
}
