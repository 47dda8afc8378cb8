import RedisClient

/// The settings that say which Redis, and what the keys in it begin with. Every command that reads Redis uses them.
extension SettingsReader {
    /// The Redis to use; nil: the private one of the data directory.
    ///
    /// - Throws: ``UserFacingError`` that repeats nothing of the URL: it may hold a password.
    func redisEndpoint() throws -> RedisEndpoint? {
        guard let (url, setting) = try secretText(.redis, file: .redisFile) else { return nil }
        do {
            return try RedisEndpoint(url: url)
        } catch {
            throw UserFacingError(
                "redis\(place(of: setting)) is not allowed: \(error); set it with --redis, MARTLET_REDIS"
                    + " or MARTLET_REDIS_FILE",
                exitCode: exitCode(for: setting)
            )
        }
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
