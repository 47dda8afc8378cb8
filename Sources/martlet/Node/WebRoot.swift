import Foundation

/// Where the web page lies.
enum WebRoot {
    /// The folder beside the executable that the build puts the page into; `nil` when it is not there.
    static func beside(executable: String?) -> String? {
        guard let executable else { return nil }
        let folder = URL(fileURLWithPath: executable).resolvingSymlinksInPath().deletingLastPathComponent()
        let candidates = [
            "martlet_ChatGateway.resources/Web", "martlet_ChatGateway.bundle/Web", "../share/martlet/web",
        ]
        return candidates.map { folder.appendingPathComponent($0).path }.first {
            FileManager.default.fileExists(atPath: $0 + "/index.html")
        }
    }
}
