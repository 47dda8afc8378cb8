import Foundation
import Logging

/// The settings that only a node needs and that are no plain numbers.
extension SettingsReader {
    /// The address to listen on, without brackets.
    func host(default defaultHost: String) throws -> String {
        try value(
            .host,
            default: defaultHost,
            allowed: "an address or a host name without a port, such as 127.0.0.1 or 0.0.0.0"
        ) { text in
            // The brackets of an IPv6 address are how URLs write it, and people copy from URLs.
            let host = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
            let colons = host.count { $0 == ":" }
            let isRight = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } && !host.contains("/") && colons != 1
            return isRight && !host.isEmpty ? host : nil
        }
    }

    /// This node's name.
    func nodeName() throws -> String {
        try value(
            .node,
            default: Self.nodeName(fromHostName: MachineName.current),
            allowed: "1 to 40 of A-Z a-z 0-9 . _ -"
        ) { text in
            text == Self.nodeName(fromHostName: text) ? text : nil
        }
    }

    /// A machine's name with what a node's name cannot hold replaced by `-`.
    static func nodeName(fromHostName name: String) -> String {
        let allowed = name.map { character in
            character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
                ? character : "-"
        }
        return allowed.isEmpty ? "node" : String(allowed.prefix(40))
    }

    func logLevel(default defaultLevel: Logger.Level) throws -> Logger.Level {
        let names = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        return try value(.logLevel, default: defaultLevel, allowed: "one of \(names)") { text in
            Logger.Level(rawValue: text.lowercased())
        }
    }

    /// What signs session tokens.
    func tokenSecret() throws -> Secret? {
        guard let (text, _) = try secretText(.secret, file: .secretFile) else { return nil }
        let bytes = Array(text.utf8)
        // 16 bytes is the least that cannot be guessed when they are random.
        guard (16...4096).contains(bytes.count) else {
            throw UserFacingError(
                "the secret has \(bytes.count) bytes: it must have 16 to 4096, such as the output of"
                    + " `openssl rand -hex 32`; set it with MARTLET_SECRET or MARTLET_SECRET_FILE"
            )
        }
        return Secret(bytes: bytes)
    }

    /// What the node's own TLS needs: both files or none.
    func tlsFiles() throws -> TLSFiles? {
        let certificate = try file(.tlsCertificate)
        let key = try file(.tlsKey)
        switch (certificate, key) {
        case (let certificate?, let key?): return TLSFiles(certificate: certificate, key: key)
        case (nil, nil): return nil
        default:
            let missing: Setting = certificate == nil ? .tlsCertificate : .tlsKey
            throw UserFacingError(
                "TLS needs a certificate and its key, and \(missing.rawValue) is missing: set it with \(missing.places)"
            )
        }
    }

    /// A file that exists, as an absolute path.
    func file(_ setting: Setting) throws -> String? {
        guard let text = text(setting) else { return nil }
        let path = DataDirectory.absolute(text, environment: environment)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue else {
            throw invalid(setting, allowed: "a PEM file that exists")
        }
        return path
    }

    /// The directory of another web client.
    func webRoot() throws -> String? {
        guard let text = text(.webRoot) else { return nil }
        let path = DataDirectory.absolute(text, environment: environment)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue else {
            throw invalid(.webRoot, allowed: "a directory that exists (it holds the web client's index.html)")
        }
        return path
    }
}
