/// What a server answers to a client's offer of permessage-deflate (RFC 7692, section 7.1). A value without I/O.
///
/// Neither side keeps its context from one message to the next: a message compressed once then fits all who agreed, and
/// an idle connection holds no window.
public struct DeflateAgreement: Sendable, Equatable {
    /// How far back the server's repetitions may lie, as a power of two; `nil`: the client set no bound.
    public let serverWindowBits: Int?

    /// What the client's inflater must be able to look back, 9–15.
    public var windowBits: Int { self.serverWindowBits ?? 15 }

    /// The value of `Sec-WebSocket-Extensions` in the answer.
    public var header: String {
        let window = self.serverWindowBits.map { "; server_max_window_bits=\($0)" } ?? ""
        return "permessage-deflate; server_no_context_takeover; client_no_context_takeover\(window)"
    }

    /// Takes the first offer that can be met, as the client prefers the earlier ones (section 5.1).
    ///
    /// - Parameter headers: the values of each `Sec-WebSocket-Extensions` of the request.
    /// - Returns: `nil` when there is none: the connection goes on without the extension.
    public init?(offers headers: [String]) {
        for offer in headers.flatMap({ Self.split($0, at: ",") }) {
            guard let agreement = Self.accept(offer) else { continue }
            self = agreement
            return
        }
        return nil
    }

    private init(serverWindowBits: Int?) {
        self.serverWindowBits = serverWindowBits
    }

    private static func accept(_ offer: String) -> DeflateAgreement? {
        let parts = Self.split(offer, at: ";")
        guard parts.first == "permessage-deflate" else { return nil }
        var seen: Set<String> = []
        var serverWindowBits: Int?
        // An offer with a parameter that is unknown, repeated or out of range must be declined (section 7.1).
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(Self.trim)
            let value = pair.count == 2 ? Self.unquote(pair[1]) : nil
            guard let name = pair.first, seen.insert(name).inserted else { return nil }
            switch name {
            case "server_no_context_takeover", "client_no_context_takeover":
                guard value == nil else { return nil }
            case "server_max_window_bits":
                // zlib cannot compress for a window of 8.
                guard let bits = Self.windowBits(value), bits >= 9 else { return nil }
                serverWindowBits = bits
            case "client_max_window_bits":
                // Our inflater takes any window.
                guard value == nil || Self.windowBits(value) != nil else { return nil }
            default: return nil
            }
        }
        return DeflateAgreement(serverWindowBits: serverWindowBits)
    }

    private static func windowBits(_ text: String?) -> Int? {
        guard let text, text.first != "0", text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text).flatMap { (8...15).contains($0) ? $0 : nil }
    }

    private static func split(_ text: String, at separator: Character) -> [String] {
        text.split(separator: separator, omittingEmptySubsequences: false).map(Self.trim)
    }

    private static func trim(_ text: some StringProtocol) -> String {
        var rest = text[...]
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return String(rest)
    }

    private static func unquote(_ text: String) -> String {
        text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
    }
}
