internal import Crypto

/// A Lua script that a link loads in its handshake and then calls by its SHA-1 (`EVALSHA`).
public struct RedisScript: Sendable, Hashable {
    /// For people: logs and errors. Redis does not see it.
    public let name: String
    public let source: String
    /// What Redis knows the script by: 40 hexadecimal digits in lower case.
    public let sha1: String

    public init(name: String, source: String) {
        self.name = name
        self.source = source
        let digits = Array("0123456789abcdef")
        self.sha1 = Insecure.SHA1.hash(data: Array(source.utf8)).reduce(into: "") { text, byte in
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
    }

    public static func == (left: RedisScript, right: RedisScript) -> Bool {
        left.sha1 == right.sha1 && left.name == right.name
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(sha1)
    }
}
