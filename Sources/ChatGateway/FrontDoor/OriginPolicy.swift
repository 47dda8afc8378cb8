/// Which pages' scripts may open sessions. Browsers say where a script is from; other programs say nothing.
///
/// Without it any page that somebody visits could talk to a node that only they can reach (cross-site WebSocket
/// hijacking).
public struct OriginPolicy: Sendable, Equatable {
    /// Origins besides the node's own, `https://chat.example.org`; in lower case.
    private let allowed: Set<String>
    private let allowsAny: Bool
    /// Nothing was configured: the plain dialect is for pages from a file, too.
    private let isDefault: Bool

    /// The node's own pages; and for the plain dialect those without an origin.
    public static let sameOrigin = OriginPolicy(allowed: [], allowsAny: false, isDefault: true)

    private init(allowed: Set<String>, allowsAny: Bool, isDefault: Bool) {
        self.allowed = allowed
        self.allowsAny = allowsAny
        self.isDefault = isDefault
    }

    /// - Parameter origins: `scheme://host[:port]`, `null` (pages without an origin, such as files), `*`, or `self`, which
    ///   adds nothing to the node's own pages.
    /// - Returns: `nil` when one of them is none.
    public init?(_ origins: [String]) {
        let words: Set = ["*", "null", "self"]
        guard origins.allSatisfy({ words.contains($0) || Self.authority(of: $0) != nil }) else { return nil }
        self.init(
            allowed: Set(origins.map { $0.lowercased() }).subtracting(["self"]),
            allowsAny: origins.contains("*"),
            isDefault: false
        )
    }

    /// - Parameters:
    ///   - origins: the values of `Origin`; none is allowed, several are not.
    ///   - host: the value of `Host`, which is what the browser has connected to.
    ///   - isPlain: the connection is to speak the plain dialect.
    func allows(_ origins: [String], host: String?, isPlain: Bool = false) -> Bool {
        guard let origin = origins.first else { return true }
        if self.allowsAny { return true }
        guard origins.count == 1 else { return false }
        if self.allowed.contains(origin.lowercased()) { return true }
        if self.isDefault, isPlain, origin == "null" || origin == "file://" { return true }
        guard let (scheme, authority) = Self.authority(of: origin), let host else { return false }
        // A proxy may have spoken TLS for us, so the scheme is not compared; its standard port may be left out.
        let standard = scheme == "https" ? ":443" : ":80"
        let full = { (authority: String) in Self.hasPort(authority) ? authority : authority + standard }
        return full(authority) == full(host.lowercased())
    }

    /// Whether the operator has named the one origin in `origins`, or all: the node's own pages need not be named.
    func lists(_ origins: [String]) -> Bool {
        guard origins.count == 1, let origin = origins.first else { return false }
        return self.allowsAny || self.allowed.contains(origin.lowercased())
    }

    /// Scheme and `host[:port]` of an origin; `nil` when it has another form.
    private static func authority(of origin: String) -> (scheme: String, authority: String)? {
        let text = origin.lowercased()
        for scheme in ["http", "https"] where text.hasPrefix(scheme + "://") {
            let authority = text.dropFirst(scheme.utf8.count + 3)
            guard !authority.isEmpty, !authority.contains(where: { "/?#@ ,".contains($0) }) else { return nil }
            return (scheme, String(authority))
        }
        return nil
    }

    private static func hasPort(_ authority: String) -> Bool {
        guard let colon = authority.lastIndex(of: ":") else { return false }
        return authority[colon...].firstIndex(of: "]") == nil
    }
}
