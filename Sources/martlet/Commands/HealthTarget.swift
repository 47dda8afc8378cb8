import Foundation

/// Whom `martlet health` asks.
struct HealthTarget: Sendable, Equatable {
    /// Without brackets.
    let host: String
    let port: Int
    /// Path and query.
    let path: String

    /// - Throws: ``UserFacingError`` for anything but `http://HOST[:PORT][/PATH]`.
    init(url: String) throws {
        guard let parts = URLComponents(string: url), parts.scheme == "http", let host = parts.host, !host.isEmpty,
            (1...65535).contains(parts.port ?? 80), parts.user == nil
        else {
            throw UserFacingError(
                "--url \"\(url)\" is not allowed: it must be like http://127.0.0.1:8080/readyz",
                exitCode: UserFacingError.usageExitCode
            )
        }
        self.host = host.trimmingCharacters(in: ["[", "]"])
        port = parts.port ?? 80
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
        guard port != 0 else {
            throw UserFacingError("MARTLET_PORT is 0, so the node's port is not known here: name it with --url")
        }
    }

    var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    var url: String { "http://\(authority)\(path)" }
}
