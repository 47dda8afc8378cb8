import ChatProtocol
import Hummingbird

/// What stands behind the `?` of an operator's request.
struct OperatorQuery {
    /// Says what is wrong with which parameter.
    struct Malformed: Error, Equatable {
        let reason: String
    }

    private let parameters: [String: String]
    /// Characters of one parameter.
    private static let length = 200
    private static let page = 1...500
    private static let usualPage = 100

    init(_ parameters: Parameters) {
        self.init(
            Dictionary(parameters.map { (String($0.key), String($0.value)) }, uniquingKeysWith: { first, _ in first }))
    }

    init(_ parameters: [String: String]) {
        self.parameters = parameters
    }

    /// Nothing for an empty one: a form sends those.
    func text(_ name: String) throws(Malformed) -> String? {
        guard let text = self.parameters[name], !text.isEmpty else { return nil }
        guard text.count <= Self.length else {
            throw Malformed(reason: "'\(name)' has \(Self.length) characters at most")
        }
        return text
    }

    func limit() throws(Malformed) -> Int {
        guard let text = try self.text("limit") else { return Self.usualPage }
        guard let limit = Int(text), Self.page.contains(limit) else {
            throw Malformed(reason: "'limit' is \(Self.page.lowerBound) to \(Self.page.upperBound)")
        }
        return limit
    }

    func presence() throws(Malformed) -> PresenceQuery {
        var room: RoomName?
        if let text = try self.text("room") {
            room = RoomName(text)
            if room == nil { throw Malformed(reason: "'room' is not a room's name") }
        }
        return PresenceQuery(
            room: room, user: try self.text("user"), node: try self.text("node"), after: try self.text("after"),
            limit: try self.limit()
        )
    }
}
