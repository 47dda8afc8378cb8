import ChatCore
import ChatProtocol
import Crypto
import Foundation

/// What a token whose signature is right says about somebody, held against what is expected of its issuer.
struct TokenClaims {
    let claims: JSONValue
    let issuer: Issuer
    let operators: Operators

    /// A list of rooms that is longer than this is a mistake.
    static let roomLimit = 1_000

    /// - Parameter now: in milliseconds since the Unix epoch.
    func identity(now: Int64) throws(InvalidToken) -> Identity {
        let leeway = self.issuer.leeway.components.seconds * 1_000
        guard let end = self.time("exp") else { throw InvalidToken("the token has no end: it needs 'exp'") }
        guard end + leeway > now else { throw InvalidToken("the token has expired") }
        if self.claims.has("nbf") {
            guard let start = self.time("nbf") else { throw InvalidToken("'nbf' must be a time in seconds") }
            guard start - leeway <= now else { throw InvalidToken("the token is not valid yet") }
        }
        guard self.claims["iss"]?.string == self.issuer.name else { throw InvalidToken("the token has another issuer") }
        let audience = self.claims["aud"]
        let audiences = audience?.string.map { [$0] } ?? self.texts(audience) ?? []
        guard audiences.contains(where: self.issuer.audiences.contains) else {
            throw InvalidToken("the token is meant for others ('aud')")
        }
        let user = try self.user()
        let given = self.claim(self.issuer.claims.name)?.string.flatMap { DisplayName(String($0.prefix(32))) }
        guard let name = given ?? DisplayName("user-" + user.string.suffix(6)) else {
            throw InvalidToken("the token names nobody")
        }
        var identity = Identity(user: user, name: name, expiresAt: end + leeway)
        identity.isNamedByIssuer = given != nil
        identity.isOperator = try self.isOperator() || self.operators.include(user)
        identity.scope = try self.scope()
        return identity
    }

    /// `PREFIX-SUBJECT`; where that would be no id, or one that could be another's, `PREFIX--` and a hash of it.
    private func user() throws(InvalidToken) -> UserID {
        guard let subject = self.claim(self.issuer.claims.user)?.string, (1...255).contains(subject.utf8.count) else {
            throw InvalidToken("the token says of nobody who it is ('\(self.issuer.claims.user)')")
        }
        if !subject.hasPrefix("-"), let user = UserID(self.issuer.prefix + "-" + subject) { return user }
        let hash = SHA256.hash(data: Data(subject.utf8)).prefix(16).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        guard let user = UserID(self.issuer.prefix + "--" + hash.joined()) else {
            throw InvalidToken("the token says of nobody who it is")
        }
        return user
    }

    private func isOperator() throws(InvalidToken) -> Bool {
        guard !self.issuer.operatorRole.isEmpty, let roles = self.claim(self.issuer.claims.roles) else { return false }
        guard let roles = self.texts(roles) else {
            throw InvalidToken("'\(self.issuer.claims.roles)' must be a list of texts")
        }
        return roles.contains(self.issuer.operatorRole)
    }

    /// Whatever is there and is no list of rooms is refused: it was meant to keep the user out of some.
    private func scope() throws(InvalidToken) -> RoomScope? {
        guard let rooms = self.claim(self.issuer.claims.rooms) else { return nil }
        guard let patterns = self.texts(rooms), patterns.count <= Self.roomLimit, let scope = RoomScope(patterns) else {
            throw InvalidToken("'\(self.issuer.claims.rooms)' must be a list of rooms, such as [\"lobby\", \"team-*\"]")
        }
        return scope
    }

    // MARK: Kinds of claims

    /// The claim of this name; else, with dots, the one further in. One that is `null` is there.
    private func claim(_ name: String) -> JSONValue? {
        var path = self.claims.has(name) ? [name] : name.split(separator: ".").map(String.init)
        var value = self.claims
        while !path.isEmpty {
            let name = path.removeFirst()
            guard let member = value.object?.first(where: { $0.name == name }) else { return nil }
            value = member.value
        }
        return value
    }

    /// A list of texts; one text stands for a list of its words, as in OAuth's `scope`.
    private func texts(_ value: JSONValue?) -> [String]? {
        switch value {
        case .string(let text): return text.split(separator: " ").map(String.init)
        case .array(let values):
            let texts = values.compactMap(\.string)
            return texts.count == values.count ? texts : nil
        default: return nil
        }
    }

    /// A NumericDate, in milliseconds; `nil` for what is none, or beyond the year 9999.
    private func time(_ name: String) -> Int64? {
        let seconds: Double
        switch self.claims[name] {
        case .integer(let number): seconds = Double(number)
        case .number(let number): seconds = number
        default: return nil
        }
        guard seconds >= 0, seconds < 253_402_300_800 else { return nil }
        return Int64(seconds * 1_000)
    }
}
