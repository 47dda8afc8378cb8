import Foundation

/// The file that tells other commands where the server is: the socket's place depends on the node's environment.
extension PrivateRedisPaths {
    /// - Throws: ``UserFacingError``.
    func publishURL() throws {
        do {
            try Data((url + "\n").utf8).write(to: URL(fileURLWithPath: urlFile), options: .atomic)
        } catch {
            throw UserFacingError("cannot write \(urlFile): \(PrivateDirectory.reason(of: error))")
        }
    }

    func withdrawURL() {
        try? FileManager.default.removeItem(atPath: urlFile)
    }

    /// The URL of the private Redis of the node that runs on `dataDirectory`; it may be stale when that was killed.
    ///
    /// - Throws: ``UserFacingError`` when no node runs there.
    static func publishedURL(dataDirectory: String) throws -> String {
        let paths = PrivateRedisPaths(dataDirectory: dataDirectory, environment: [:])
        guard let text = FileLock.note(path: paths.urlFile), text.hasPrefix("unix:///") else {
            throw UserFacingError(
                "no node runs on the data directory \(dataDirectory): name its directory with --data DIR,"
                    + " or the Redis of a cluster with --redis URL"
            )
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
