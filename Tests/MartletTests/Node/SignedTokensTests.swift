import ChatCore
import ChatProtocol
import Foundation
import Testing

@testable import martlet

/// What RFC 8725 warns of, against tokens of our own form.
@Suite struct SignedTokensTests {
    private let now: Int64 = 1_800_000_000_000
    private let tokens: SignedTokens
    private let account: Account

    init() throws {
        let now = self.now
        tokens = SignedTokens(secret: Array("a secret of sixteen".utf8), now: { now })
        account = Account(
            user: try #require(UserID("u-1")), name: try #require(DisplayName("ann")), password: "x", generation: 3)
    }

    private var guest: Identity {
        get throws { Identity(user: try #require(UserID("g-1")), name: try #require(DisplayName("bob"))) }
    }

    private func parts(_ token: String) -> [String] { token.split(separator: ".").map(String.init) }

    private func encoded(_ json: String) -> String { Base64URL.encode(Array(json.utf8)) }

    @Test func readsWhatItGave() throws {
        let bob = try guest
        #expect(tokens.verify(tokens.guestToken(for: bob.user, name: bob.name)) == bob)
        let session = tokens.sessionToken(for: account, now: now)
        let identity = try #require(tokens.verify(session.text))
        #expect(identity.user == account.user && identity.name == account.name && identity.generation == 3)
        #expect(identity.expiresAt == session.expiresAt && session.expiresAt == now + 900_000)
        let refresh = tokens.refreshToken(for: account, now: now)
        let claim = try #require(tokens.verifyRefresh(refresh.text, now: now))
        #expect(claim.user == account.user && claim.generation == 3)
    }

    @Test func aTokenIsGoodForOnePurpose() throws {
        let session = tokens.sessionToken(for: account, now: now).text
        let refresh = tokens.refreshToken(for: account, now: now).text
        #expect(tokens.verify(refresh) == nil)
        #expect(tokens.verifyRefresh(session, now: now) == nil)
        let bob = tokens.guestToken(for: try guest.user, name: try guest.name)
        #expect(tokens.verifyRefresh(bob, now: now) == nil)
    }

    @Test func expiredTokensAreVoid() throws {
        let session = tokens.sessionToken(for: account, now: now)
        let refresh = tokens.refreshToken(for: account, now: now)
        let later = now + 900_000
        let then = SignedTokens(secret: Array("a secret of sixteen".utf8), now: { later })
        #expect(then.verify(session.text) == nil)
        #expect(tokens.verifyRefresh(refresh.text, now: refresh.expiresAt - 1) != nil)
        #expect(tokens.verifyRefresh(refresh.text, now: refresh.expiresAt) == nil)
    }

    @Test func anotherSecretOrAChangedByteIsRefused() throws {
        let token = tokens.sessionToken(for: account, now: now).text
        #expect(SignedTokens(secret: Array("another secret of 19".utf8)).verify(token) == nil)
        let (claims, signature) = (parts(token)[0], parts(token)[1])
        for index in claims.indices {
            var changed = claims
            changed.replaceSubrange(index...index, with: claims[index] == "A" ? "B" : "A")
            #expect(tokens.verify(changed + "." + signature) == nil)
        }
        let mallory = encoded(#"{"user":"u-2","name":"mallory","expiresAt":9999999999999,"generation":9}"#)
        for forged in [
            mallory + "." + signature, mallory + ".", mallory, "." + signature, mallory + "." + encoded(""),
            // A JWT without a signature, one that names the algorithm "none", and one that brings its key along.
            encoded(#"{"alg":"none"}"#) + "." + mallory + ".",
            encoded(#"{"alg":"HS256"}"#) + "." + mallory + "." + signature,
            encoded(#"{"alg":"HS256","jku":"http://evil/","jwk":{"k":"AA"}}"#) + "." + mallory + "." + signature,
            token + ".", "." + token, token + " ", " " + token, token + "." + signature, "", ".", "..",
            String(repeating: "A", count: 5_000) + "." + signature,
        ] {
            #expect(tokens.verify(forged) == nil, "\(forged.prefix(60))")
        }
    }

    @Test func guestsMayBeTurnedAway() throws {
        let closed = SignedTokens(secret: Array("a secret of sixteen".utf8), allowsGuests: false, now: { 0 })
        let bob = tokens.guestToken(for: try guest.user, name: try guest.name)
        #expect(!closed.allowsGuests && closed.verify(bob) == nil)
        #expect(closed.verify(tokens.sessionToken(for: account, now: now).text) != nil)
    }

    /// A token without an end, of somebody who is no guest, is none that we give.
    @Test func anAccountsTokenAlwaysEnds() {
        #expect(tokens.verify(tokens.guestToken(for: account.user, name: account.name)) == nil)
    }

    /// By the name it logs in with, and not by what anybody is called; a guest only by the id.
    @Test func operatorsAreAccountsByNameAndUsersByID() throws {
        let names = try #require(Operators(["Ann", "bob"]))
        let tokens = SignedTokens(secret: Array("a secret of sixteen".utf8), operators: names, now: { now })
        #expect(tokens.verify(tokens.sessionToken(for: account, now: now).text)?.isOperator == true)
        #expect(self.tokens.verify(tokens.sessionToken(for: account, now: now).text)?.isOperator == false)
        var other = account
        other.name = try #require(DisplayName("anna"))
        #expect(tokens.verify(tokens.sessionToken(for: other, now: now).text)?.isOperator == false)
        let bob = tokens.guestToken(for: try guest.user, name: try guest.name)
        #expect(tokens.verify(bob)?.isOperator == false)
        let ids = try #require(Operators(["id:g-1"]))
        let byID = SignedTokens(secret: Array("a secret of sixteen".utf8), operators: ids, now: { now })
        #expect(byID.verify(bob)?.isOperator == true)
    }

    @Test func linksAreGoodForOneAttachmentAndAWhile() throws {
        let links = SignedLinks(secret: Array("a secret of sixteen".utf8), lifetime: .seconds(3_600))
        let room = try #require(RoomName("dm:a:b"))
        let (id, other) = (AttachmentID(in: room), AttachmentID(in: room))
        let query = try #require(URLComponents(string: links.url(of: id, now: now))?.queryItems)
        let expires = query.first { $0.name == "expires" }?.value
        let signature = query.first { $0.name == "signature" }?.value
        #expect(links.isValid(id, expires: expires, signature: signature, now: now))
        #expect(links.isValid(id, expires: expires, signature: signature, now: now + 3_599_000))
        #expect(!links.isValid(id, expires: expires, signature: signature, now: now + 7_201_000))
        #expect(!links.isValid(other, expires: expires, signature: signature, now: now))
        #expect(!links.isValid(id, expires: expires.map { "9" + $0 }, signature: signature, now: now))
        for wrong in [nil, "", "zz", signature.map { $0 + "00" }, signature.map { String($0.dropLast(2)) }] {
            #expect(!links.isValid(id, expires: expires, signature: wrong, now: now))
        }
        #expect(!links.isValid(id, expires: nil, signature: signature, now: now))
    }
}
