/// Which rooms somebody is let into: names, and beginnings of names with a `*` after them (`support-*`; `*` is every room).
///
/// Direct rooms are no part of it: they belong to their two users.
public struct RoomScope: Hashable, Sendable {
    private let names: Set<String>
    private let prefixes: [String]

    /// - Returns: `nil` when a pattern is neither a room's name nor the beginning of one with a `*`.
    public init?(_ patterns: [String]) {
        var names: Set<String> = []
        var prefixes: [String] = []
        for pattern in patterns {
            if pattern.hasSuffix("*") {
                let prefix = String(pattern.dropLast())
                guard prefix.isEmpty || RoomName(prefix).map({ !$0.isDirect }) == true else { return nil }
                prefixes.append(prefix)
            } else {
                guard let room = RoomName(pattern), !room.isDirect else { return nil }
                names.insert(room.string)
            }
        }
        self.names = names
        self.prefixes = prefixes
    }

    public func contains(_ room: RoomName) -> Bool {
        self.names.contains(room.string) || self.prefixes.contains { room.string.utf8.starts(with: $0.utf8) }
    }
}
