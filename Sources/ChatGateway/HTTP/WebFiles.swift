import Crypto
import Foundation
import NIOCore

/// The web page's text files as they were at the node's start: compressed once, each known by a digest of its content.
///
/// A page names its files beneath `/_/VERSION/`, where the version is a digest of all of them: what a browser
/// has from there never needs to be asked for again. Modules name one another relatively, so they stay beneath it.
struct WebFiles: Sendable {
    struct File: Sendable {
        let type: String
        let tag: String
        let bytes: ByteBuffer
        /// `nil` where compressing does not pay.
        let gzip: ByteBuffer?
    }

    struct Match: Sendable {
        let file: File
        /// The address holds the version: its content can't change.
        let isImmutable: Bool
    }

    /// Larger files are left to be read from the disk each time.
    private static let fileLimit = 1 << 20
    private static let totalLimit = 16 << 20
    private static let prefix = "/_/"
    /// The addresses of pages, and their files.
    private static let pages = ["/": "/index.html", "/admin": "/admin.html"]
    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "svg": "image/svg+xml", "json": "application/json", "ts": "text/plain; charset=utf-8",
    ]

    let version: String
    private let files: [String: File]

    /// - Parameter folder: what does not exist or can't be read in it is not served from memory.
    init(folder: String) {
        let root = URL(fileURLWithPath: folder).resolvingSymlinksInPath()
        var contents: [String: Data] = [:]
        var total = 0
        for path in (try? FileManager.default.subpathsOfDirectory(atPath: root.path)) ?? [] {
            guard Self.types[(path as NSString).pathExtension] != nil,
                let data = FileManager.default.contents(atPath: root.appendingPathComponent(path).path),
                data.count <= Self.fileLimit, total + data.count <= Self.totalLimit
            else { continue }
            total += data.count
            contents["/" + path] = data
        }
        var all = SHA256()
        for (path, data) in contents.sorted(by: { $0.key < $1.key }) {
            all.update(data: Data(path.utf8))
            all.update(data: data)
        }
        let version = Self.short(all.finalize())
        for page in Self.pages.values {
            if let content = contents[page] { contents[page] = Self.versioned(content, version) }
        }
        self.version = version
        self.files = contents.reduce(into: [:]) { files, content in
            let bytes = ByteBuffer(bytes: content.value)
            files[content.key] = File(
                type: Self.types[(content.key as NSString).pathExtension] ?? "text/plain",
                tag: "W/\"\(Self.short(SHA256.hash(data: content.value)))\"",
                bytes: bytes,
                gzip: Gzip.compress(bytes)
            )
        }
    }

    /// The file of an address's path. A version that is not ours finds our file all the same: while nodes are being
    /// replaced, a page of the one may ask the other.
    func file(at path: String) -> Match? {
        guard path.hasPrefix(Self.prefix) else {
            return self.files[Self.pages[path] ?? path].map { Match(file: $0, isImmutable: false) }
        }
        let rest = path.dropFirst(Self.prefix.count)
        guard let end = rest.firstIndex(of: "/") else { return nil }
        return self.files[String(rest[end...])].map { Match(file: $0, isImmutable: rest[..<end] == self.version) }
    }

    /// What the page loads for itself gets the version; what it links to keeps its address.
    private static func versioned(_ page: Data, _ version: String) -> Data {
        let text = String(decoding: page, as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard line.contains("<link ") || line.contains("<script ") else { return String(line) }
            return line.replacingOccurrences(of: "href=\"/", with: "href=\"\(Self.prefix)\(version)/")
                .replacingOccurrences(of: "src=\"/", with: "src=\"\(Self.prefix)\(version)/")
        }
        return Data(lines.joined(separator: "\n").utf8)
    }

    private static func short(_ digest: SHA256.Digest) -> String {
        digest.prefix(8).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
