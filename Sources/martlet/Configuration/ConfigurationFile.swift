import Configuration
import Foundation
import SystemPackage

/// A configuration file: one flat JSON object, its keys those of ``Setting``.
enum ConfigurationFile {
    /// The largest file read, in bytes.
    private static let sizeLimit = 1024 * 1024

    /// - Throws: ``UserFacingError`` when the file is missing, is no flat JSON object, or has a key nobody knows.
    static func provider(path: String) async throws -> any ConfigProvider {
        try checkKeys(path: path)
        do {
            return TextProvider(upstream: try await FileProvider<JSONSnapshot>(filePath: FilePath(path)))
        } catch {
            throw UserFacingError("cannot read the configuration file \(path): \(error)")
        }
    }

    /// A misspelt key would otherwise leave a default in force without a word.
    private static func checkKeys(path: String) throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw UserFacingError(
                "the configuration file \(path) cannot be opened: correct \(Setting.config.places), or leave it out"
            )
        }
        defer { try? file.close() }
        let data: Data
        do {
            data = try file.read(upToCount: sizeLimit + 1) ?? Data()
        } catch {
            throw UserFacingError("the configuration file \(path) cannot be read: it must be a file, not a folder")
        }
        guard data.count <= sizeLimit else {
            throw UserFacingError("the configuration file \(path) is larger than \(sizeLimit) bytes")
        }
        let values: [String: FileValue]
        do {
            values = try JSONDecoder().decode([String: FileValue].self, from: data)
        } catch {
            throw UserFacingError(
                "the configuration file \(path) must hold one JSON object, such as {\"port\": 8080, \"lease\": \"15s\"}"
            )
        }
        let known = Setting.allCases.filter { $0 != .config }.map(\.rawValue)
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            guard known.contains(key) else {
                let hint = Spelling.closest(to: key, among: known).map { ": did you mean \"\($0)\"?" } ?? ""
                throw UserFacingError("the configuration file \(path) has the unknown key \"\(key)\"\(hint)")
            }
            guard value == .scalar else {
                throw UserFacingError(
                    "\"\(key)\" in the configuration file \(path) must be a string or a number; on and off are strings, too"
                )
            }
        }
    }
}

/// What kind of value a key of the file has. `null` is the same as absent.
private enum FileValue: Decodable {
    case scalar
    case other

    init(from decoder: any Decoder) throws {
        guard let container = try? decoder.singleValueContainer() else {
            self = .other
            return
        }
        let isScalar =
            container.decodeNil() || (try? container.decode(String.self)) != nil
            || (try? container.decode(Double.self)) != nil
        self = isScalar ? .scalar : .other
    }
}
