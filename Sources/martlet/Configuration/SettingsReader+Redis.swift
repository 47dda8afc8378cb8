import NIOSSL
import RedisClient

/// The settings that say which Redis, and what the keys in it begin with. Every command that reads Redis uses them.
extension SettingsReader {
    /// The Redis to use; nil: the private one of the data directory. The password may be apart from the URL; one in the
    /// URL holds before it.
    ///
    /// - Throws: ``UserFacingError`` that repeats nothing of the URL: it may hold a password.
    func redisEndpoint() throws -> RedisEndpoint? {
        guard let (url, setting) = try secretText(.redis, file: .redisFile) else { return nil }
        let password = try secretText(.redisPassword, file: .redisPasswordFile)?.text
        do {
            return try RedisEndpoint(url: url, password: password)
        } catch {
            throw UserFacingError(
                "redis\(place(of: setting)) is not allowed: \(error); set it with --redis, MARTLET_REDIS"
                    + " or MARTLET_REDIS_FILE",
                exitCode: exitCode(for: setting)
            )
        }
    }

    /// What the certificate of a `rediss://` Redis is checked against; empty: the system's trusted ones.
    ///
    /// - Throws: ``UserFacingError`` for a file that is missing or holds no certificate.
    func redisRoots() throws -> [NIOSSLCertificate] {
        guard let path = try file(.redisRoots) else { return [] }
        guard let roots = try? NIOSSLCertificate.fromPEMFile(path), !roots.isEmpty else {
            throw UserFacingError(
                "redisRoots\(place(of: .redisRoots)) names \(path), which holds no certificate in PEM form; set it with"
                    + " \(Setting.redisRoots.places)"
            )
        }
        return roots
    }

    /// A command line can be read by everybody on the machine.
    static func warnings(redisFlag url: String?) -> [String] {
        guard let url, (try? RedisEndpoint(url: url))?.password != nil else { return [] }
        return [
            "--redis shows its password to everybody who may list processes: put it into a file that"
                + " \(Setting.redisPasswordFile.variable) names"
        ]
    }

    /// What every key begins with.
    func keyPrefix(default defaultPrefix: String) throws -> String {
        // A brace would take over the hash tag; the others are patterns to PSUBSCRIBE and SCAN.
        let forbidden: Set<Character> = ["{", "}", "*", "?", "[", "]", "\\"]
        return try value(
            .prefix,
            default: defaultPrefix,
            allowed: "1 to 64 visible ASCII characters without { } * ? [ ] \\"
        ) { text in
            let isRight =
                text.utf8.allSatisfy { (0x21...0x7E).contains($0) } && !text.contains(where: forbidden.contains)
            return isRight && (1...64).contains(text.utf8.count) ? text : nil
        }
    }

    /// The data directory, absolute.
    func dataDirectory() -> String {
        if let text = text(.data) { return DataDirectory.absolute(text, environment: environment) }
        return DataDirectory.defaultPath(environment: environment)
    }
}

extension RedisLinkConfiguration {
    /// Checks certificates against `roots` only; without any, against the system's trusted ones.
    mutating func trust(_ roots: [NIOSSLCertificate]) {
        guard !roots.isEmpty else { return }
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(roots)
        self.tls = tls
    }
}
