extension RedisEndpoint {
    /// - Parameter password: for a URL that carries none, which may then be `USER@HOST`; one in the URL holds before it.
    /// - Throws: ``RedisURLError``, whose description says what to write instead.
    public init(url: String, password: String? = nil) throws(RedisURLError) {
        guard let colon = url.firstRange(of: "://") else { throw .unknownScheme(Self.scheme(of: url)) }
        let scheme = url[..<colon.lowerBound].lowercased()
        var rest = url[colon.upperBound...]

        if let hash = rest.firstIndex(of: "#") { rest = rest[..<hash] }
        let query = rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] }
        if let mark = rest.firstIndex(of: "?") { rest = rest[..<mark] }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let path = rest[slash...]
        var authority = rest[..<slash]

        var login: (user: String?, password: String?) = (nil, nil)
        if let at = authority.lastIndex(of: "@") {
            login = try Self.login(authority[..<at], needsPassword: password == nil)
            authority = authority[authority.index(after: at)...]
        }
        login.password = login.password ?? password
        let option = try Self.database(inQuery: query)

        switch scheme {
        case "redis", "rediss":
            let (host, port) = try Self.hostAndPort(authority)
            let database = if let option { option } else { try Self.database(inPath: path) }
            self.init(
                address: .tcp(host: host, port: port),
                user: login.user,
                password: login.password,
                database: database,
                usesTLS: scheme == "rediss"
            )
        case "unix":
            self.init(
                address: .unixSocket(path: try Self.socketPath(authority: authority, path: path)),
                user: login.user,
                password: login.password,
                database: option ?? 0
            )
        default:
            throw .unknownScheme(scheme)
        }
    }

    /// What stands before a colon, so that an error need not repeat the whole text, which may hold a password.
    private static func scheme(of text: String) -> String {
        guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains("@") else { return "" }
        return String(text[..<colon])
    }

    private static func login(
        _ text: Substring, needsPassword: Bool
    ) throws(RedisURLError) -> (user: String?, password: String?) {
        if text.isEmpty { return (nil, nil) }
        guard let colon = text.firstIndex(of: ":") else {
            if needsPassword { throw .ambiguousLogin }
            return (try percentDecoded(text, part: "user"), nil)
        }
        let user = try percentDecoded(text[..<colon], part: "user")
        let password = try percentDecoded(text[text.index(after: colon)...], part: "password")
        if password.isEmpty && !user.isEmpty && needsPassword { throw .missingPassword }
        return (user.isEmpty ? nil : user, password.isEmpty ? nil : password)
    }

    private static func hostAndPort(_ text: Substring) throws(RedisURLError) -> (String, Int) {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw .missingHost }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            host = text[..<colon]
            rest = text[colon...]
        }
        if host.isEmpty { throw .missingHost }
        if rest.isEmpty { return (String(host), 6379) }
        guard rest.hasPrefix(":"), let port = number(rest.dropFirst()), port > 0 else { throw .invalidPort }
        return (String(host), port)
    }

    private static func socketPath(authority: Substring, path: Substring) throws(RedisURLError) -> String {
        guard authority.isEmpty, path.utf8.count > 1 else { throw .missingSocketPath }
        let decoded = try percentDecoded(path, part: "path")
        #if os(Linux)
            let limit = 107
        #else
            let limit = 103
        #endif
        if decoded.utf8.count > limit { throw .socketPathTooLong(limit: limit) }
        return decoded
    }

    private static func database(inPath path: Substring) throws(RedisURLError) -> Int {
        let text = path.dropFirst()
        return text.isEmpty ? 0 : try database(text)
    }

    private static func database(inQuery query: Substring?) throws(RedisURLError) -> Int? {
        guard let query, !query.isEmpty else { return nil }
        var found: Int?
        for option in query.split(separator: "&") {
            let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts[0] == "db" else { throw .unknownOption }
            found = try database(parts.count > 1 ? parts[1] : "")
        }
        return found
    }

    private static func database(_ text: Substring) throws(RedisURLError) -> Int {
        guard let number = number(text) else { throw .invalidDatabase }
        return number
    }

    /// Digits only: `Int` would take a sign, too.
    private static func number(_ text: Substring) -> Int? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt16(text).map(Int.init)
    }

    private static func percentDecoded(_ text: Substring, part: String) throws(RedisURLError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                throw .invalidPercentEncoding(of: part)
            }
            bytes.append(high << 4 | low)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw .invalidPercentEncoding(of: part)
        }
        return decoded
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
