import Foundation

/// Whom `martlet health` asks.
struct HealthTarget: Sendable, Equatable {
    /// Without brackets.
    let host: String
    let port: Int
    let scheme: String
    /// False for the node here: its certificate is for the name that people use, not for this machine's addresses.
    let checksCertificate: Bool
    /// Path and query.
    let path: String

    /// - Throws: ``UserFacingError`` for anything but `http://HOST[:PORT][/PATH]`, or the same with `https`.
    init(url: String) throws {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme,
            let standardPort = ["http": 80, "https": 443][scheme], let host = parts.host, !host.isEmpty,
            (1...65535).contains(parts.port ?? standardPort), parts.user == nil
        else {
            throw UserFacingError(
                "--url \"\(url)\" is not allowed: it must be like http://127.0.0.1:8080/readyz",
                exitCode: UserFacingError.usageExitCode
            )
        }
        self.host = host.trimmingCharacters(in: ["[", "]"])
        port = parts.port ?? standardPort
        self.scheme = scheme
        checksCertificate = true
        let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        self.path = path + (parts.percentEncodedQuery.map { "?\($0)" } ?? "")
    }

    /// The node that runs with the same environment, here.
    init(settings: SettingsReader) throws {
        let defaults = NodeConfiguration()
        let configured = try settings.host(default: defaults.host)
        // What a node listens on when it listens on everything is no address to connect to.
        switch configured {
        case "0.0.0.0": host = "127.0.0.1"
        case "::": host = "::1"
        default: host = configured
        }
        port = try settings.integer(.port, default: defaults.port, in: 0...65535)
        path = "/readyz"
        scheme = try settings.tlsFiles() == nil ? "http" : "https"
        checksCertificate = false
        guard port != 0 else {
            throw UserFacingError("MARTLET_PORT is 0, so the node's port is not known here: name it with --url")
        }
    }

    var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    var url: String { "\(scheme)://\(authority)\(path)" }
}
