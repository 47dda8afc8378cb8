import Foundation

/// Where a node's own files are.
enum DataDirectory {
    /// `$XDG_DATA_HOME/martlet`, else `~/.local/share/martlet`; for a user without a home `/var/lib/martlet`.
    static func defaultPath(environment: [String: String]) -> String {
        // The XDG base directory specification: a relative path is invalid and to be ignored.
        if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") {
            return absolute(base + "/martlet", environment: environment)
        }
        if let home = environment["HOME"], home.hasPrefix("/") {
            return absolute(home + "/.local/share/martlet", environment: environment)
        }
        return "/var/lib/martlet"
    }

    /// `path` seen from the working directory, without `.`, `..` and double slashes. A leading `~/` is the home
    /// directory: no shell expands it in a file or in a service's environment.
    static func absolute(_ path: String, environment: [String: String]) -> String {
        var path = path
        if path == "~" || path.hasPrefix("~/"), let home = environment["HOME"] {
            path = home + path.dropFirst()
        }
        return URL(fileURLWithPath: path).standardizedFileURL.path
    }
}
