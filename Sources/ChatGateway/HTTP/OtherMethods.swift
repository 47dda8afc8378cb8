import HTTPTypes
import Hummingbird

extension RouterMethods {
    /// Answers 405 to every other method: what was asked for is there, but not so (RFC 9110, section 15.5.6).
    func refuseMethods(otherThan method: HTTPRequest.Method, at path: RouterPath) {
        for other in otherMethods where other != method {
            self.on(path, method: other) { _, _ in
                Response(status: .methodNotAllowed, headers: [.allow: method.rawValue, .cacheControl: "no-store"])
            }
        }
    }
}

/// Those that are registered for what has a path, and that anybody uses.
private let otherMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"]
    .compactMap { HTTPRequest.Method($0) }
