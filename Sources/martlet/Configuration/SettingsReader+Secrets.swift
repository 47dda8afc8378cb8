import Foundation

extension SettingsReader {
    /// The largest file a secret is read from, in bytes.
    private static let secretFileLimit = 64 * 1024

    /// A setting that may stand in a file of its own, which keeps it out of `ps` and out of the environment.
    ///
    /// Of the two settings the one from the source of higher priority holds; both from the same source are an error.
    /// Spaces and line breaks around the file's content are dropped.
    ///
    /// - Returns: the text, and which of the two settings gave it.
    /// - Throws: ``UserFacingError`` for a file that is missing, unreadable, empty, too large or not UTF-8.
    func secretText(_ setting: Setting, file fileSetting: Setting) throws -> (text: String, from: Setting)? {
        switch (rank(of: setting), rank(of: fileSetting)) {
        case (nil, nil):
            return nil
        case (let direct?, let file?) where direct == file:
            throw UserFacingError(
                "both \(setting.rawValue) and \(fileSetting.rawValue)\(place(of: setting)) are set: leave one of them out"
            )
        case (let direct?, let file) where direct < file ?? .max:
            return text(setting).map { ($0, setting) }
        default:
            return try text(fileSetting).map { (try Self.readSecret(path: $0, from: fileSetting), fileSetting) }
        }
    }

    private static func readSecret(path: String, from setting: Setting) throws -> String {
        func failure(_ reason: String) -> UserFacingError {
            UserFacingError("\(setting.variable) names the file \(path), which \(reason)")
        }
        guard let file = FileHandle(forReadingAtPath: path) else { throw failure("cannot be opened") }
        defer { try? file.close() }
        guard let data = try? file.read(upToCount: secretFileLimit + 1) else {
            throw failure("cannot be read, or is empty")
        }
        guard data.count <= secretFileLimit else { throw failure("is larger than \(secretFileLimit) bytes") }
        guard let text = String(validating: data, as: UTF8.self) else { throw failure("is not UTF-8 text") }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty else { throw failure("is empty") }
        return trimmed
    }
}
