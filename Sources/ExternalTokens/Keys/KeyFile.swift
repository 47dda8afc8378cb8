import Foundation

/// Files with keys. Reading blocks.
enum KeyFile {
    /// - Throws: ``KeyFailure``: what is wrong, to be put behind the file's path.
    static func read(_ path: String, upTo limit: Int = KeySet.byteLimit) throws(KeyFailure) -> [UInt8] {
        guard let file = FileHandle(forReadingAtPath: path) else { throw KeyFailure("cannot be opened") }
        defer { try? file.close() }
        guard let data = try? file.read(upToCount: limit + 1), !data.isEmpty else {
            throw KeyFailure("cannot be read, or is empty")
        }
        guard data.count <= limit else { throw KeyFailure("is larger than \(limit) bytes") }
        return Array(data)
    }
}
